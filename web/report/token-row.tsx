import { daysUntil, formatDay, formatDistance, formatMoment } from "./format.js";
import type { TokenSeen } from "./queries.js";
import type { Scope } from "./scope.js";
import { tokenState } from "./token-state.js";

/** Apple gives a token a year. */
const FULL_DAYS = 365;
const SOON_DAYS = 30;

interface TokenRowProps {
  readonly token: TokenSeen;
  readonly chosen: boolean;
  onChoose(token: Scope["token"]): void;
}

/** One token: how long it lasts, whether it works, and what that means. */
export function TokenRow({ token, chosen, onChoose }: TokenRowProps) {
  const { id, name, organization, locationName, lastSyncAt, health } = token;
  const state = tokenState(health.state);
  const place = [organization, locationName].filter((part) => part !== null && part !== name).join(", ");
  return (
    <li class="token">
      <div class="token-name">
        <h3>
          <bdi>{name}</bdi>
        </h3>
        {place !== "" && (
          <p class="note">
            <bdi>{place}</bdi>
          </p>
        )}
        <p class="note">{lastSyncAt === null ? "Not read yet" : `Read ${formatMoment(lastSyncAt)}`}</p>
      </div>
      <Expiry expiresAt={token.expiresAt} />
      <div class="token-state">
        <p>
          <span class={`badge ${state.tone}`}>{state.label}</span>
        </p>
        {state.meaning !== null && <p>{state.meaning}</p>}
        {health.cause !== null && <p class="note">{health.cause}</p>}
        {health.remedy !== null && (
          <p>
            <strong>What to do:</strong> {health.remedy}
          </p>
        )}
      </div>
      <button type="button" onClick={() => onChoose(chosen ? null : { id, name })}>
        {chosen ? "Show all tokens" : "Only this token"}
        <span class="unseen"> {name}</span>
      </button>
    </li>
  );
}

function Expiry({ expiresAt }: { readonly expiresAt: string | null }) {
  if (expiresAt === null) return <p class="expiry note">No date of expiry</p>;
  const days = daysUntil(expiresAt);
  const tone = days < 0 ? "over" : days <= SOON_DAYS ? "soon" : "well";
  const left = Math.max(0, Math.min(days, FULL_DAYS)) / FULL_DAYS;
  return (
    <div class="expiry">
      <p>
        {days < 0 ? "Expired" : "Expires"} <strong>{formatDistance(days)}</strong>
        <span class="note"> {formatDay(expiresAt)}</span>
      </p>
      <div class="bar" aria-hidden="true">
        <span class={tone} style={{ width: `${left * 100}%` }} />
      </div>
    </div>
  );
}
