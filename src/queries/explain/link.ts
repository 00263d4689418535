/** Who can bring an installation on. */
export type WhoHasToAct = "ADMIN" | "PERSON" | "APPLE" | "TARGET" | "ALLOTMENT" | "NOBODY";

/** Why an app is, or is not, where somebody looks for it. */
export type ExplanationCause =
  | "UNKNOWN_DEVICE"
  | "NOT_DEPLOYED"
  | "NOT_A_MEMBER"
  | "JOINING"
  | "WANTED"
  | "UNINSTALL_WANTED"
  | "DEPLOYMENT_DELETED"
  | "LEFT"
  | "NO_DEVICE"
  | "NO_USER"
  | "NO_SERIAL"
  | "USER_LEFT"
  | "DEVICE_GONE"
  | "DEVICE_LIMIT"
  | "UNKNOWN_AT_TARGET"
  | "PLATFORM_UNSUPPORTED"
  | "SERVED_BY_OTHER_TOKEN"
  | "CONFLICT"
  | "TOKEN_FROZEN"
  | "TOKEN_BEING_REMOVED"
  | "LICENSING"
  | "OUT_OF_STOCK"
  | "CLAIMS_PAUSED"
  | "APP_UNLISTED"
  | "SERVED_FIRST"
  | "LICENSE_RETURNING"
  | "REGISTRATION_OPEN"
  | "REGISTRATION_REFUSED"
  | "INVITATION_OPEN"
  | "OPERATION_UNDER_WAY"
  | "OPERATION_FAILING"
  | "OPERATION_PAUSED"
  | "OPERATION_ABANDONED"
  | "REFUSED_BY_APPLE"
  | "LICENSED"
  | "FORMER_LICENSE"
  | "LICENSE_LOST"
  | "LICENSE_KEPT"
  | "RECLAIMED"
  | "IRREVOCABLE"
  | "APNS_NOT_VALID"
  | "TARGET_PAUSED"
  | "APPLICATION_NOT_READY"
  | "NOT_HANDED_OVER"
  | "HANDED_OVER"
  | "NEEDS_USER"
  | "REFUSED_BY_TARGET"
  | "TIMED_OUT"
  | "INSTALLED"
  | "BEING_REMOVED"
  | "REMOVAL_FAILED"
  | "REMOVED"
  | "SUPERSEDED"
  | "CANCELLED";

/** One link of the chain from the wish to the device. */
export interface Link {
  readonly cause: ExplanationCause;
  /** How we know, in a sentence. */
  readonly evidence: string;
  /** What happens next, or has to, in a sentence. */
  readonly nextAction: string;
  readonly whoHasToAct: WhoHasToAct;
  /** Null when nobody knows. */
  readonly since: Date | null;
}

export const NOTHING = "Nothing is to be done.";

/** A moment as it stands in a sentence. */
export function moment(at: Date): string {
  return at.toISOString();
}

/** A sentence that somebody else has worded, with the end that it may lack. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
