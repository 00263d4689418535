import { ApnsState, type Target, TargetFinding } from "./target.js";

/** So long before an APNs certificate expires it is warned of. Calendar days: no TIME_SCALE divides them. */
export const APNS_WARNING_MS = 30 * 86_400_000;

/** What a finding about an APNs certificate may be. */
export type ApnsFindingCode = "APNS_MISSING" | "APNS_EXPIRED" | "APNS_EXPIRES";

interface Sentences {
  readonly severity: "error" | "warning";
  readonly message: (name: string, day: string) => string;
  readonly remedy: string;
}

const RENEW = "Renew it at Apple with the same Apple Account and upload it there, then run `checkTarget`.";

/** What is said of each; `day` is the one on which the certificate expires, empty when it is not known. */
export const APNS_SENTENCES: Readonly<Record<ApnsFindingCode, Sentences>> = {
  APNS_MISSING: {
    severity: "error",
    message: (name) => `"${name}" has no APNs certificate: no device hears anything.`,
    remedy: "Get one at Apple and upload it there, then run `checkTarget`.",
  },
  APNS_EXPIRED: {
    severity: "error",
    message: (name, day) =>
      `The APNs certificate of "${name}" expired${day && ` on ${day}`}: no device hears anything.`,
    remedy: RENEW,
  },
  APNS_EXPIRES: {
    severity: "warning",
    message: (name, day) =>
      `The APNs certificate of "${name}" expires on ${day}: from then on no device hears anything.`,
    remedy: RENEW,
  },
};

type Certificate = Pick<Target, "name" | "apnsState" | "apnsExpiresAt">;

/** Whether a target's devices hear nothing now (`error`), or soon will not (`warning`); null when neither is known. */
export function apnsFinding(target: Certificate, now: Date): TargetFinding | null {
  const code = apnsCode(target, now);
  if (code === null) return null;
  const { severity, message, remedy } = APNS_SENTENCES[code];
  const day = target.apnsExpiresAt?.toISOString().slice(0, 10) ?? "";
  return Object.assign(new TargetFinding(), { severity, code, message: message(target.name, day), remedy });
}

function apnsCode({ apnsState, apnsExpiresAt }: Certificate, now: Date): ApnsFindingCode | null {
  if (apnsState === ApnsState.MISSING) return "APNS_MISSING";
  if (apnsState === ApnsState.EXPIRED || (apnsExpiresAt !== null && apnsExpiresAt <= now)) return "APNS_EXPIRED";
  return apnsExpiresAt === null || apnsExpiresAt.getTime() - now.getTime() > APNS_WARNING_MS ? null : "APNS_EXPIRES";
}
