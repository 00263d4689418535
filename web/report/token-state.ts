interface TokenState {
  readonly label: string;
  readonly tone: "good" | "warn" | "bad";
  /** What it means for licences; null when there is nothing to say. */
  readonly meaning: string | null;
}

const READS_ONLY = "Locked: its licences are still counted, but none is given or returned. What is planned waits.";
const STOPPED = "Locked: nothing is read or changed at Apple. The counts are as last read; what is planned waits.";

/** The schema's TokenHealthState, as an admin reads it. */
const STATES: Readonly<Record<string, TokenState>> = {
  ACTIVE: { label: "Works", tone: "good", meaning: null },
  EXPIRING: { label: "Expires soon", tone: "warn", meaning: null },
  UNVERIFIED: { label: "Being checked", tone: "warn", meaning: "Not used until Apple has confirmed it." },
  EXPIRED: { label: "Expired", tone: "bad", meaning: STOPPED },
  REVOKED: { label: "Revoked", tone: "bad", meaning: STOPPED },
  INVALID: { label: "Invalid", tone: "bad", meaning: STOPPED },
  CLAIMED_ELSEWHERE: { label: "Claimed elsewhere", tone: "bad", meaning: READS_ONLY },
  DUPLICATE_LOCATION: { label: "Duplicate location", tone: "bad", meaning: READS_ONLY },
  READ_ONLY: { label: "Read only", tone: "bad", meaning: READS_ONLY },
  SUSPENDED: { label: "Suspended", tone: "warn", meaning: STOPPED },
};

/** A state that this page does not know yet is shown as the API spells it. */
export function tokenState(state: string): TokenState {
  return STATES[state] ?? { label: state, tone: "warn", meaning: null };
}
