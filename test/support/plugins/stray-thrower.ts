import { connect } from "node:net";
import { z } from "zod";
import { definePlugin, PluginError } from "../../../src/plugins/contract.js";

/** What it does while it lists, and does not wait for. */
const strays = {
  timer: () => void setTimeout(fail, 1),
  promise: () => void Promise.reject(new Error("nobody waits for this")),
  socket: () => void connect(9, "127.0.0.1"),
  interval: () => void setInterval(fail, 1),
} as const;

/** A plugin from outside that throws where nobody can catch it. */
export default definePlugin({
  name: "stray-thrower",
  contract: 1,
  displayName: "Stray thrower",
  settings: z.object({ stray: z.enum(["timer", "promise", "socket", "interval"]) }),
  licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: [], network: false },
  connect: ({ stray }) => ({
    check: async () => ({ ok: true, apns: { state: "valid", expiresAt: null }, findings: [] }),
    listHolders: async () => {
      strays[stray]();
      throw new PluginError("transient", "It is busy with other things.");
    },
    apply: async () => [],
    poll: async () => ({ statuses: [], followUps: [] }),
  }),
});

function fail(): never {
  throw new Error("nobody catches this");
}
