import { ApnsState, type Target, TargetFinding } from "./target.js";

/** So long before an APNs certificate expires it is warned of. Calendar days: no TIME_SCALE divides them. */
export const APNS_WARNING_MS = 30 * 86_400_000;

/** What a finding about an APNs certificate may be. */
export type ApnsFindingCode = "APNS_MISSING" | "APNS_EXPIRED" | "APNS_EXPIRES";

/** Whether a target's devices hear nothing now (`error`), or soon will not (`warning`); null when neither is known. */
export function apnsFinding(
  { name, apnsState, apnsExpiresAt }: Pick<Target, "name" | "apnsState" | "apnsExpiresAt">,
  now: Date,
): TargetFinding | null {
  const day = apnsExpiresAt?.toISOString().slice(0, 10);
  if (apnsState === ApnsState.MISSING) {
    const remedy = "Get one at Apple and upload it there, then run `checkTarget`.";
    return finding("error", "APNS_MISSING", `"${name}" has no APNs certificate: no device hears anything.`, remedy);
  }
  const renew = "Renew it at Apple with the same Apple Account and upload it there, then run `checkTarget`.";
  if (apnsState === ApnsState.EXPIRED || (apnsExpiresAt !== null && apnsExpiresAt <= now)) {
    const since = day === undefined ? "" : ` on ${day}`;
    const message = `The APNs certificate of "${name}" expired${since}: no device hears anything.`;
    return finding("error", "APNS_EXPIRED", message, renew);
  }
  if (apnsExpiresAt === null || apnsExpiresAt.getTime() - now.getTime() > APNS_WARNING_MS) return null;
  const message = `The APNs certificate of "${name}" expires on ${day}: from then on no device hears anything.`;
  return finding("warning", "APNS_EXPIRES", message, renew);
}

function finding(severity: "error" | "warning", code: ApnsFindingCode, message: string, remedy: string): TargetFinding {
  return Object.assign(new TargetFinding(), { severity, code, message, remedy });
}
