import { z } from "zod";
import { countInput } from "../../disturbances/count-input.js";
import { disturbanceCalls } from "../../disturbances/disturbance-calls.js";
import type { World } from "../world.js";
import { controlCall } from "./control-call.js";

/** Requests whose path (with its version) has this part; what is left out matches all. */
const match = {
  path: z.string().min(1).optional(),
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
};

/** What goes wrong on the way. */
export const graphDisturbanceCalls = [
  controlCall({
    method: "POST",
    path: "/fail-next",
    about:
      "Fails the next requests whose path (with its version) has this part, also inside a batch: with a status, by cutting " +
      "the connection before any effect (drop), or after it (afterEffect). retryAfter is in seconds, spelled as the switch says.",
    input: z.strictObject({
      ...match,
      count: countInput,
      mode: z.enum(["answer", "drop", "afterEffect"]).default("answer"),
      status: z.int().min(400).max(599).default(503),
      code: z.string().default("ServiceUnavailable"),
      message: z.string().default("The service is unavailable."),
      retryAfter: z.int().min(0).optional(),
    }),
    run: ({ disturbances }, { retryAfter, ...failure }) => {
      disturbances.failures.push({ ...failure, retryAfterSeconds: retryAfter });
      return { planned: disturbances.failures };
    },
  }),
  ...disturbanceCalls(({ disturbances }: World) => disturbances, z.strictObject(match)),
];
