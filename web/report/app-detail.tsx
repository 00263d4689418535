import { useId, useState } from "preact/hooks";
import { Failure } from "./failure.js";
import { forecastText } from "./forecast-text.js";
import { HistoryChart } from "./history-chart.js";
import { HistoryTable } from "./history-table.js";
import { DETAIL, type DetailAnswer } from "./queries.js";
import { useAnswer } from "./use-answer.js";

const DAY_MS = 24 * 60 * 60_000;
const SPANS = [
  { days: 30, name: "30 days" },
  { days: 90, name: "90 days" },
  { days: 365, name: "a year" },
  { days: 1_095, name: "three years" },
];

interface AppDetailProps {
  readonly storeApp: string;
  readonly name: string;
  readonly version: number;
}

/** The past of an app's licences, and what it promises. */
export function AppDetail({ storeApp, name, version }: AppDetailProps) {
  const [days, setDays] = useState(90);
  const title = useId();
  // Cut to the day: the same question all day long.
  const from = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS).toISOString();
  const { data, error, pending, again } = useAnswer<DetailAnswer>(DETAIL, { storeApp, from }, version);
  const app = data?.storeApp;
  if (error && !app) return <Failure error={error} onAgain={again} />;
  if (data && !app) return <p class="empty">This app is not there any more.</p>;
  if (!app) return <p role="status">Reading its past…</p>;
  const { freeCount, waiting, licenseHistory: history, forecast } = app;
  return (
    <figure aria-labelledby={title} aria-busy={pending}>
      {error && <Failure error={error} onAgain={again} />}
      <figcaption id={title}>
        <span class="unseen">{name}: </span>
        {forecastText(forecast, { free: freeCount, waiting })}
      </figcaption>
      <label class="field">
        <span>Show the last</span>
        <select value={days} onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}>
          {SPANS.map((span) => (
            <option key={span.days} value={span.days}>
              {span.name}
            </option>
          ))}
        </select>
      </label>
      {history.length < 2 ? (
        <p class="empty">
          There is no past to draw yet: counts are kept once a day, and this app has been known for less than two.
        </p>
      ) : (
        <>
          <HistoryChart history={history} forecast={forecast} label={`Licences of ${name}, day by day`} />
          <HistoryTable history={history} />
        </>
      )}
    </figure>
  );
}
