import { z } from "zod";
import { milliseconds } from "../switches/milliseconds.js";
import type { SwitchValues } from "../switches/switch-values.js";

/** What the switches accept; every one may be left out. */
export const switchesInput = z.strictObject({
  pageSize: z.int().min(1).max(1000).optional(),
  checkIns: z.enum(["automatic", "byControl"]).optional(),
  checkInDelayMs: milliseconds,
  checkInsToInstall: z.int().min(1).max(10).optional(),
  reportLagMs: milliseconds,
  report: z.enum(["works", "refused"]).optional(),
  reportRows: z.enum(["short", "full"]).optional(),
  reportColumns: z.enum(["InstallState", "AppInstallState"]).optional(),
  reportTexts: z.enum(["english", "german", "none"]).optional(),
  reportTimes: z.enum(["utc", "withoutZone", "none"]).optional(),
  reportMaxTop: z.int().min(1).max(1000).optional(),
  exportStepMs: milliseconds,
  syncMs: milliseconds,
  counts: z.enum(["live", "atSync"]).optional(),
  revokeMs: milliseconds,
  revokeFailure: z
    .enum(["none", "appleFailure", "internalError", "expiredVppToken", "expiredApplePushNotificationCertificate"])
    .optional(),
  tokenLifetimeSeconds: z.int().min(1).max(86_400).optional(),
  accessToken: z.enum(["jwt", "opaque"]).optional(),
  intuneErrors: z.enum(["doubleEncoded", "plain"]).optional(),
  apnsShape: z.enum(["entity", "inValue"]).optional(),
  retryAfter: z.enum(["seconds", "date", "inMessage", "none"]).optional(),
  enforceRate: z.boolean().optional(),
  assignStatus: z.union([z.literal(200), z.literal(204)]).optional(),
  batchOrder: z.enum(["shuffled", "asSent"]).optional(),
  nextLinkOrigin: z.string().optional(),
  keptRequests: z.int().min(0).max(1_000_000).optional(),
});

export type SwitchesInput = z.infer<typeof switchesInput>;

/** Where Graph's behaviour is uncertain, differs between tenants, or a test wants another one. The README has the table. */
export type Switches = SwitchValues<SwitchesInput>;

export function defaultSwitches(): Switches {
  return {
    pageSize: 100,
    checkIns: "automatic",
    checkInDelayMs: 500,
    checkInsToInstall: 1,
    reportLagMs: 0,
    report: "works",
    reportRows: "short",
    reportColumns: "InstallState",
    reportTexts: "english",
    reportTimes: "utc",
    reportMaxTop: 50,
    exportStepMs: 200,
    syncMs: 300,
    counts: "live",
    revokeMs: 200,
    revokeFailure: "none",
    tokenLifetimeSeconds: 3599,
    accessToken: "jwt",
    intuneErrors: "doubleEncoded",
    apnsShape: "entity",
    retryAfter: "seconds",
    enforceRate: false,
    assignStatus: 204,
    batchOrder: "shuffled",
    nextLinkOrigin: "",
    keptRequests: 10_000,
  };
}
