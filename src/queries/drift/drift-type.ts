/** What Apple, we and the MDM say differently of one licence, app or installation. */
export type DriftType =
  | "MISSING_AT_APPLE"
  | "UNKNOWN_HERE"
  | "FOREIGN_HOLDER"
  | "COUNT_MISMATCH"
  | "INSTALLED_WITHOUT_LICENSE"
  | "LICENSED_WITHOUT_INSTALL";

/** What one drift is about. */
export interface DriftKey {
  readonly type: DriftType;
  readonly tokenId: string;
  /** Of the licence; with COUNT_MISMATCH of the app, with INSTALLED_WITHOUT_LICENSE of the installation. */
  readonly id: string;
}
