import { z } from "zod";
import { milliseconds } from "../switches/milliseconds.js";
import type { SwitchValues } from "../switches/switch-values.js";

const share = z.number().min(0).max(1).optional();

/** What the switches accept; every one may be left out. */
export const switchesInput = z.strictObject({
  storage: z.enum(["sql", "kv"]).optional(),
  replyDelayMs: milliseconds,
  installMs: milliseconds,
  removeMs: milliseconds,
  notNow: share,
  pushErrors: share,
  webhookLoss: share,
  webhookDuplicates: share,
  webhookDelayMs: milliseconds,
  webhookReorder: z.boolean().optional(),
  webhookIds: z.boolean().optional(),
  pushcertCall: z.enum(["get", "none"]).optional(),
  paging: z.enum(["fromZero", "fromOne", "none"]).optional(),
  queueView: z.enum(["nested", "flat", "none"]).optional(),
  commandHistory: z.boolean().optional(),
  enrollmentStatus: z.enum(["boolean", "text"]).optional(),
  keptRequests: z.int().min(0).max(1_000_000).optional(),
});

export type SwitchesInput = z.infer<typeof switchesInput>;

/** Where the servers differ by release, storage or luck, a switch chooses. The README has the table. */
export type Switches = SwitchValues<SwitchesInput>;

export function defaultSwitches(): Switches {
  return {
    storage: "sql",
    replyDelayMs: 20,
    installMs: 1000,
    removeMs: 100,
    notNow: 0,
    pushErrors: 0,
    webhookLoss: 0,
    webhookDuplicates: 0,
    webhookDelayMs: 0,
    webhookReorder: false,
    webhookIds: true,
    pushcertCall: "get",
    paging: "fromZero",
    queueView: "nested",
    commandHistory: true,
    enrollmentStatus: "boolean",
    keptRequests: 10_000,
  };
}
