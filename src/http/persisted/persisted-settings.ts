/** Whether operations are taken that are not on the list. */
export type OnlyListed = "false" | "true" | "except-admin";

/** The operations that front ends have announced. */
export interface PersistedSettings {
  /** Their texts by the hashes that front ends send. */
  readonly operations: ReadonlyMap<string, string>;
  readonly only: OnlyListed;
}
