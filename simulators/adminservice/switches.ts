import { z } from "zod";
import { milliseconds } from "../switches/milliseconds.js";
import type { SwitchValues } from "../switches/switch-values.js";

/** What the switches accept; every one may be left out. */
export const switchesInput = z.strictObject({
  evaluationDelayMs: milliseconds,
  evaluation: z.enum(["change", "refresh"]).optional(),
  policyDelayMs: milliseconds,
  installMs: milliseconds,
  summaryDelayMs: milliseconds,
  summarizationMs: milliseconds,
  rowsStay: z.boolean().optional(),
  unknownRows: z.boolean().optional(),
  paging: z.enum(["nextLink", "topSkip", "topOnly", "ignored", "refused"]).optional(),
  pageSize: z.int().min(1).max(100_000).optional(),
  linkHost: z.enum(["asked", "own"]).optional(),
  keyed: z.enum(["value", "entity"]).optional(),
  unknownKey: z.enum(["404", "empty"]).optional(),
  createdStatus: z.union([z.literal(200), z.literal(201)]).optional(),
  deletedStatus: z.union([z.literal(200), z.literal(201), z.literal(204)]).optional(),
  ruleMethods: z.enum(["both", "single", "none"]).optional(),
  schemes: z.enum(["both", "negotiate", "ntlm"]).optional(),
  authPersists: z.boolean().optional(),
  challengeCloses: z.boolean().optional(),
  kerberos: z.boolean().optional(),
  tokenLifetimeMs: milliseconds,
  mobileInventory: z.boolean().optional(),
  retryAfter: z.enum(["seconds", "none"]).optional(),
  keptRequests: z.int().min(0).max(1_000_000).optional(),
});

export type SwitchesInput = z.infer<typeof switchesInput>;

/** Where the product's behaviour is uncertain or differs in the field, a switch chooses. The README has the table. */
export type Switches = SwitchValues<SwitchesInput>;

export function defaultSwitches(): Switches {
  return {
    evaluationDelayMs: 200,
    evaluation: "change",
    policyDelayMs: 200,
    installMs: 200,
    summaryDelayMs: 200,
    summarizationMs: 3_600_000,
    rowsStay: true,
    unknownRows: false,
    paging: "nextLink",
    pageSize: 1000,
    linkHost: "asked",
    keyed: "value",
    unknownKey: "404",
    createdStatus: 201,
    deletedStatus: 204,
    ruleMethods: "both",
    schemes: "both",
    authPersists: true,
    challengeCloses: false,
    kerberos: false,
    tokenLifetimeMs: 3_600_000,
    mobileInventory: true,
    retryAfter: "seconds",
    keptRequests: 10_000,
  };
}
