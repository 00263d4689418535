/** Why a licence that nothing here wants is held at Apple. */
export type LeakReason =
  | "ABANDONED"
  | "RETURN_FAILED"
  | "DEPLOYMENT_DELETED"
  | "MEMBER_LEFT"
  | "IRREVOCABLE"
  | "FOUND_AT_APPLE"
  | "DEPLOYMENT_ENDED";

/** Why a licence may be taken back. */
export type ReclaimReason =
  | "HOLDER_UNKNOWN"
  | "USER_LEFT"
  | "MEMBER_LEFT"
  | "DEPLOYMENT_DELETED"
  | "DEVICE_DELETED"
  | "DEVICE_WIPED"
  | "DEVICE_RETIRED"
  | "DEVICE_SILENT";
