import { Failure } from "./failure.js";
import { formatCount, formatMoment } from "./format.js";
import { LicenseBar } from "./license-bar.js";
import { TOTALS, type TotalsAnswer } from "./queries.js";
import { nounOf, type Scope } from "./scope.js";
import { useAnswer } from "./use-answer.js";

interface TotalsProps {
  readonly scope: Scope;
  readonly version: number;
}

/** The sums over all apps, with the legend of every bar below. */
export function Totals({ scope, version }: TotalsProps) {
  const { productType, token } = scope;
  const { data, error, again } = useAnswer<TotalsAnswer>(TOTALS, { productType, token: token?.id ?? null }, version);
  if (!data) return error ? <Failure error={error} onAgain={again} /> : <p role="status">Adding up…</p>;
  const { asOf, totals } = data.licenseReport;
  return (
    <section class="totals" aria-labelledby="totals-title">
      <h2 id="totals-title">{token === null ? "All tokens" : <bdi>{token.name}</bdi>}</h2>
      {error && <Failure error={error} onAgain={again} />}
      <p class="note">
        {formatCount(totals.apps)} {nounOf(scope)} with a bound on their licences
        {asOf !== null && `; the oldest count is of ${formatMoment(asOf)}`}.
      </p>
      <dl class="figures">
        <Figure name="Bought" count={totals.bought} />
        <Figure name="In use" count={totals.assigned} colour="used" />
        <Figure name="Free" count={totals.free} colour="free" />
        <Figure name="Retired" count={totals.retired} colour="retired" />
        <Figure name="Waiting" count={totals.waiting} colour="waiting" />
      </dl>
      <LicenseBar licenses={{ ...totals, unlimited: false }} />
      <TokenNotice locked={data.locked.totalCount} expiring={data.expiring.totalCount} />
    </section>
  );
}

/** What would go unseen below a long list of apps. */
function TokenNotice({ locked, expiring }: { readonly locked: number; readonly expiring: number }) {
  const parts = [
    ...(locked > 0 ? [`${formatCount(locked)} ${locked === 1 ? "token is" : "tokens are"} locked`] : []),
    ...(expiring > 0 ? [`${formatCount(expiring)} ${expiring === 1 ? "token expires" : "tokens expire"} soon`] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <p class={locked > 0 ? "notice bad" : "notice warn"}>
      {parts.join(", and ")}. <a href="#tokens-title">See which, and what to do</a>
    </p>
  );
}

interface FigureProps {
  readonly name: string;
  readonly count: number;
  /** Of the bars' part that it stands for. */
  readonly colour?: string;
}

function Figure({ name, count, colour }: FigureProps) {
  return (
    <div>
      <dt>
        {colour && <span class={`swatch ${colour}`} aria-hidden="true" />}
        {name}
      </dt>
      <dd>{formatCount(count)}</dd>
    </div>
  );
}
