import { z } from "zod";
import { countInput } from "../../disturbances/count-input.js";
import { disturbanceCalls } from "../../disturbances/disturbance-calls.js";
import { controlCall, type Steered } from "./control-call.js";

const match = {
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
  class: z.string().min(1).optional(),
  call: z.string().min(1).optional(),
};

/** What goes wrong on the way. */
export const siteDisturbanceCalls = [
  ...disturbanceCalls(({ site }: Steered) => site.disturbances, z.strictObject(match)),
  controlCall({
    method: "POST",
    path: "/fail-next",
    about:
      "Fails the next matching requests: with a status (answer), by cutting the connection before any effect (drop), after " +
      "it (afterEffect), or in the midst of the answer (truncate).",
    input: z.strictObject({
      ...match,
      count: countInput,
      mode: z.enum(["answer", "drop", "afterEffect", "truncate"]).default("answer"),
      status: z.int().min(400).max(599).default(500),
    }),
    run: ({ site }, failure) => {
      site.disturbances.failures.push(failure);
      return { planned: site.disturbances.failures };
    },
  }),
  controlCall({
    method: "POST",
    path: "/unavailable",
    about: "Every request is answered with 503 for that long; 0 ends it.",
    input: z.strictObject({ ms: z.int().min(0).max(86_400_000) }),
    run: ({ site }, { ms }) => {
      site.disturbances.unavailableUntil = Date.now() + ms;
      return { until: new Date(site.disturbances.unavailableUntil).toISOString() };
    },
  }),
  controlCall({
    method: "POST",
    path: "/forbid",
    about: "The account has no permission for matching requests: 403.",
    input: z.strictObject(match),
    run: ({ site }, forbidden) => ({ forbidden: site.disturbances.forbidden.push(forbidden) }),
  }),
  controlCall({
    method: "POST",
    path: "/allow",
    about: "The account may do everything again.",
    input: z.strictObject({}),
    run: ({ site }) => ({ ended: site.disturbances.forbidden.splice(0).length }),
  }),
  controlCall({
    method: "POST",
    path: "/close-sockets",
    about: "Cuts every open connection.",
    input: z.strictObject({}),
    run: ({ closeSockets }) => {
      closeSockets();
      return {};
    },
  }),
];
