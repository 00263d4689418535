import { z } from "zod";
import { isErrorNumber } from "../errors.js";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation } from "./inputs.js";

/** What becomes of accepted writes, of the notifications, and of the version ids. */
export const eventCalls = [
  controlCall({
    method: "POST",
    path: "/finish-events",
    about: "Ends every pending event now.",
    input: z.strictObject(locationInput),
    run: (world, input) => ({ finished: requireLocation(world, input).events.finishAll() }),
  }),
  controlCall({
    method: "POST",
    path: "/fail-next-event",
    about:
      "The next accepted writes end FAILED, without saying for whom: as a whole and without effect, or after so many tasks " +
      "that succeed.",
    input: z.strictObject({
      ...locationInput,
      count: z.int().min(1).max(10_000).default(1),
      errorNumber: z.int().refine(isErrorNumber, "must be a number of the error table").default(9603),
      afterTasks: z.int().min(0).max(1_000_000).default(0),
    }),
    run: (world, { location, count, ...failure }) => {
      requireLocation(world, { location }).events.failNext(count, failure);
      return { planned: count };
    },
  }),
  controlCall({
    method: "POST",
    path: "/forget-events",
    about: "The status of every event so far is unknown from now on (9708); pending ones still take effect.",
    input: z.strictObject(locationInput),
    run: (world, input) => ({ forgotten: requireLocation(world, input).events.forget() }),
  }),
  controlCall({
    method: "POST",
    path: "/forget-versions",
    about: "Every version id so far is 9721 from now on; each list has a new one.",
    input: z.strictObject(locationInput),
    run: (world, input) => {
      const { assets, assignments, users } = requireLocation(world, input);
      for (const { versions } of [assets, assignments, users]) versions.forget();
      return { forgotten: true };
    },
  }),
  controlCall({
    method: "POST",
    path: "/deliver-notifications",
    about:
      "Sends now what waits for its delay or its next attempt; with again, also the last thousand that were lost, or " +
      "those that were delivered once more. Answers the counts when each had an attempt.",
    input: z.strictObject({ ...locationInput, again: z.enum(["none", "lost", "delivered"]).default("none") }),
    run: async (world, { location, again }) => {
      const { notifier } = requireLocation(world, { location });
      await notifier.deliverNow(again);
      return { ...notifier.counts, pending: notifier.pending };
    },
  }),
];
