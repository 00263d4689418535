import { createHash } from "node:crypto";
import { z } from "zod";
import { definePlugin, PluginError, secret } from "../../../src/plugins/contract.js";

const settings = z.object({
  greeting: z.string().default("hello").meta({ title: "Greeting", description: "What it says first." }),
  password: secret(),
  keys: z.array(secret()).default([]),
  login: z.object({ user: z.string(), pin: secret().meta({ id: "Pin" }) }),
  fails: z.enum(["never", "as it may", "as it may not", "with a text"]).default("never"),
});

/** A plugin that tells its secrets to whoever listens. */
export default definePlugin({
  name: "blabbermouth",
  contract: 1,
  displayName: "Blabbermouth",
  settings,
  licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: [], network: false },
  connect: (given, { log }) => {
    const told = `${given.password}, ${given.keys.join()} and ${given.login.pin}`;
    const fail = () => {
      if (given.fails === "as it may") throw new PluginError("config", `It refuses ${told}.`, { vendorCode: told });
      if (given.fails === "as it may not") throw Object.assign(new TypeError(`cannot read ${told}`), { given });
      if (given.fails === "with a text") throw told;
    };
    return {
      check: async () => {
        log(`connects with ${told}`, { given });
        fail();
        const proof = createHash("sha256").update(told).digest("hex");
        const findings = [
          { severity: "info", code: "GREETING", message: given.greeting },
          { severity: "info", code: "PROOF", message: proof },
          { severity: "warning", code: "TOLD", message: `It took ${told}.`, remedy: `Change ${told}.` },
        ] as const;
        return { ok: true, apns: { state: "valid", expiresAt: null }, findings };
      },
      listHolders: async () => {
        throw new PluginError("transient", `It has no time for ${told}.`);
      },
      apply: async () => [],
      poll: async () => ({ statuses: [], followUps: [] }),
    };
  },
});
