import { z } from "zod";
import { countInput } from "../../disturbances/count-input.js";
import { disturbanceCalls } from "../../disturbances/disturbance-calls.js";
import { InputError } from "../../input-error.js";
import { switchesCall } from "../../switches/switches-call.js";
import type { PlannedFailure } from "../disturbances.js";
import { LOOKUP_PATH } from "../endpoints/content-metadata.js";
import { isErrorNumber } from "../errors.js";
import { BASE_PATH, routes, SERVICE_CONFIG_PATH } from "../routes.js";
import { switchesInput } from "../switches.js";
import type { World } from "../world.js";
import { controlCall } from "./control-call.js";

const knownPaths = [SERVICE_CONFIG_PATH, ...routes.keys(), LOOKUP_PATH];

const matchInput = {
  path: z
    .string()
    .transform((path) => (path.startsWith(`${BASE_PATH}/`) ? path.slice(BASE_PATH.length) : path))
    .refine((path) => knownPaths.includes(path), `must be one of ${knownPaths.join(", ")}`)
    .optional(),
  method: z.enum(["GET", "POST"]).optional(),
};

const failureInput = z.strictObject({
  ...matchInput,
  count: countInput,
  errorNumber: z.int().refine(isErrorNumber, "must be a number of the error table").optional(),
  status: z.int().min(400).max(599).optional(),
  retryAfter: z.int().min(0).optional(),
  drop: z.boolean().default(false),
  afterEffect: z.boolean().default(false),
});

/** What goes wrong on the way, and how the service behaves where Apple's behaviour is uncertain. */
export const appleDisturbanceCalls = [
  controlCall({
    method: "POST",
    path: "/fail-next",
    about:
      "Fails the next matching requests: with errorNumber, with status, by cutting the connection before any effect " +
      "(drop), or by cutting it after the request took effect (afterEffect). retryAfter is in seconds.",
    input: failureInput,
    run: (world, input) => {
      world.disturbances.failures.push(plannedFailure(input));
      return { planned: world.disturbances.failures };
    },
  }),
  controlCall({
    method: "POST",
    path: "/unavailable",
    about:
      "Every request is refused for that long, with 9729, 9644, or a bare 503 with a page of HTML, and a Retry-After " +
      "until the end, spelled as the switch says unless it is said here. 0 ends it.",
    input: z.strictObject({
      seconds: z.number().min(0).max(86_400).optional(),
      ms: z.int().min(0).max(86_400_000).optional(),
      answer: z.union([z.literal(9729), z.literal(9644), z.literal("html")]).default(9729),
      retryAfter: switchesInput.shape.retryAfter,
    }),
    run: (world, { seconds, ms, answer, retryAfter = world.switches.retryAfter }) => {
      if ((seconds === undefined) === (ms === undefined)) throw new InputError("Name either seconds or ms.");
      const until = Date.now() + (ms ?? (seconds ?? 0) * 1000);
      world.disturbances.closeUntil({ until, answer, retryAfter });
      return { until: new Date(until).toISOString() };
    },
  }),
  ...disturbanceCalls(({ disturbances }: World) => disturbances, z.strictObject(matchInput)),
  switchesCall(({ switches }: World) => switches, switchesInput),
];

function plannedFailure(input: z.output<typeof failureInput>): PlannedFailure {
  const { drop, afterEffect, errorNumber, status, retryAfter, ...match } = input;
  const answers = errorNumber !== undefined || status !== undefined;
  if ([drop, afterEffect, answers].filter(Boolean).length !== 1) {
    throw new InputError("Choose one: errorNumber and/or status, drop, or afterEffect.");
  }
  if (retryAfter !== undefined && !answers) throw new InputError("retryAfter needs an errorNumber or a status.");
  const mode = drop ? "drop" : afterEffect ? "afterEffect" : "answer";
  return { ...match, mode, errorNumber, status, retryAfterSeconds: retryAfter };
}
