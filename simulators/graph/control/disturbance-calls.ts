import { z } from "zod";
import { controlCall } from "./control-call.js";

/** What goes wrong on the way. */
export const disturbanceCalls = [
  controlCall({
    method: "POST",
    path: "/fail-next",
    about:
      "Fails the next requests whose path (with its version) has this part, also inside a batch: with a status, by cutting " +
      "the connection before any effect (drop), or after it (afterEffect). retryAfter is in seconds, spelled as the switch says.",
    input: z.strictObject({
      path: z.string().min(1).optional(),
      method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
      count: z.int().min(1).max(1_000_000).default(1),
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
  controlCall({
    method: "POST",
    path: "/slow",
    about: "Each request waits that long before it is handled; 0 ends it.",
    input: z.strictObject({ ms: z.int().min(0).max(600_000) }),
    run: ({ disturbances }, { ms }) => {
      disturbances.slowMs = ms;
      return { slowMs: ms };
    },
  }),
  controlCall({
    method: "POST",
    path: "/hold",
    about: "Requests whose path has this part take effect and then wait unanswered until /release.",
    input: z.strictObject({ path: z.string().min(1) }),
    run: ({ disturbances }, { path }) => {
      disturbances.hold(path);
      return { holding: path };
    },
  }),
  controlCall({
    method: "POST",
    path: "/release",
    about: "Ends every hold and answers the requests that waited.",
    input: z.strictObject({}),
    run: ({ disturbances }) => ({ released: disturbances.release() }),
  }),
];
