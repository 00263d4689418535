import { z } from "zod";

const MAX_MS = 86_400_000;
const ms = z.int().min(0).max(MAX_MS).optional();
const share = z.number().min(0).max(1).optional();

/** What the switches accept; every one may be left out. */
export const switchesInput = z.strictObject({
  storage: z.enum(["sql", "kv"]).optional(),
  replyDelayMs: ms,
  installMs: ms,
  removeMs: ms,
  notNow: share,
  pushErrors: share,
  webhookLoss: share,
  webhookDuplicates: share,
  webhookDelayMs: ms,
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
export type Switches = { -readonly [Name in keyof SwitchesInput]-?: NonNullable<SwitchesInput[Name]> };

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

/** Turns the switches that are named; the others stay. */
export function turnSwitches(switches: Switches, input: SwitchesInput): void {
  Object.assign(switches, Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)));
}
