import type { Policy } from "../../src/sync/core.js";

/** What an installation decides that was told nothing. */
export const DEFAULT_POLICY: Policy = {
  tokenLimit: 1,
  allowEducation: false,
  fullSyncDays: 7,
  syncCron: "0 5,17 * * *",
  expiryWarningDays: [60, 30, 14, 7, 1],
  auditDays: 400,
  publicUrl: null,
};
