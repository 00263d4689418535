import { z } from "zod";
import { DEVICE_APP_STATES, FAILURE_CODES } from "../contract.js";

const MONTH_MS = 31 * 86_400_000;
const MOST_RULES = 1_000;

const duration = z.number().int().min(0).max(MONTH_MS);
const words = z.string().min(1).max(500);
const why = {
  code: z.enum(FAILURE_CODES).optional().describe("Left out: INSTALL_FAILED, of a removal REMOVE_FAILED."),
  detail: words.optional(),
  remedy: words.optional(),
};

const scope = {
  devices: z
    .array(
      z
        .string()
        .regex(/^device-[1-9][0-9]*$/, "no device of the mock is called that: they are device-1, device-2 and so on"),
    )
    .min(1)
    .optional()
    .describe("Their ids; left out: all."),
  every: z.number().int().min(1).optional().describe("Of these only each so many-th, by their numbers."),
  apps: z
    .array(z.string().regex(/^[0-9]+$/, "an app is named by Apple's numeric id"))
    .min(1)
    .optional()
    .describe("Apple's ids of the apps; left out: all."),
  action: z.enum(["install", "remove"]).optional().describe("Left out: both."),
  times: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Only the first so many orders of a device, app and action; after that, the rules below count."),
};

const moment = z
  .strictObject({
    afterMs: duration.describe("Since the order was taken."),
    state: z.enum(DEVICE_APP_STATES),
    observedAfterMs: duration.optional().describe("When it was seen; left out: when it came to be."),
    code: z.enum(FAILURE_CODES).optional(),
    detail: words.optional(),
    remedy: words.optional(),
  })
  .superRefine(({ state, code, detail, remedy }, context) => {
    if (state === "failed" && code === undefined) {
      context.addIssue({ code: "custom", path: ["code"], message: "what has failed needs a code" });
    }
    const isExplained = [code, detail, remedy].some((word) => word !== undefined);
    if (isExplained && state !== "failed" && state !== "needs-user") {
      context.addIssue({
        code: "custom",
        path: ["state"],
        message: "only failed and needs-user have a code, detail or remedy",
      });
    }
  });

const states = z
  .array(moment)
  .max(100)
  .superRefine((moments, context) => {
    for (const [index, { afterMs }] of moments.entries()) {
      if (afterMs >= (moments[index - 1]?.afterMs ?? 0)) continue;
      context.addIssue({ code: "custom", path: [index, "afterMs"], message: "comes before the state in front of it" });
    }
  });

/** What becomes of an order; the first rule that fits counts, and without one it is done after `installMs`. */
const rule = z.discriminatedUnion("outcome", [
  z.strictObject({ ...scope, outcome: z.literal("done") }),
  z.strictObject({ ...scope, outcome: z.literal("done-at-once") }),
  z.strictObject({ ...scope, outcome: z.literal("refused"), ...why }),
  z.strictObject({ ...scope, outcome: z.literal("failed"), ...why }),
  z.strictObject({ ...scope, outcome: z.literal("needs-user"), untilMs: duration.optional() }),
  z.strictObject({ ...scope, outcome: z.literal("never-answers") }),
  z.strictObject({ ...scope, outcome: z.literal("deferred"), forMs: duration }),
  z.strictObject({ ...scope, outcome: z.literal("late"), afterMs: duration }),
  z.strictObject({ ...scope, outcome: z.literal("backwards") }),
  z.strictObject({ ...scope, outcome: z.literal("states"), states }),
]);

export const script = z.array(rule).max(MOST_RULES);

export type Rule = z.infer<typeof rule>;
