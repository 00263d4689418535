import { z } from "zod";
import { PluginError, secret } from "../../../src/plugins/contract.js";
import { COMMANDS, GROUPS, type Planted, passingOn, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin proves itself, and what it says. */
export const settings: readonly Planted[] = [
  {
    fault: "has no name for people",
    ground: GROUPS,
    plugin: { ...GROUPS.plugin, displayName: "" },
    caughtBy: "is defined as the service accepts it",
    saying: /must have a displayName/,
  },
  {
    fault: "calls a setting otherwise than its product is set up with",
    ground: GROUPS,
    plugin: { ...GROUPS.plugin, settings: z.object({ address: z.url(), apiKey: secret() }) },
    caughtBy: "takes the settings of its fake product, and no others",
    saying: /The settings of the fake product do not fit/,
  },
  {
    fault: "finds fault with a product where all is well",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      check: async (signal) => ({ ...(await good.check(signal)), ok: false }),
    })),
    caughtBy: "says that installs can work where they can",
    saying: /says that installs cannot work/,
  },
  {
    fault: "declares app objects and makes none",
    ground: GROUPS,
    plugin: { ...GROUPS.plugin, abilities: { ...GROUPS.plugin.abilities, applications: true } },
    caughtBy: "connects with the members that it declares, and no others",
    saying: /declares `ensureApplication`, which its connection lacks/,
  },
  {
    fault: "does not mark its key as secret",
    ground: GROUPS,
    plugin: { ...GROUPS.plugin, settings: z.object({ url: z.url(), apiKey: z.string() }) },
    caughtBy: "marks as secret what it proves itself by",
    saying: /apiKey/,
  },
  {
    fault: "believes that all is well without asking",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, () => ({
      check: async () => ({ ok: true, apns: { state: "not-reported", expiresAt: null }, findings: [] }),
    })),
    caughtBy: "calls wrong secrets a fault of the settings",
    saying: /With wrong secrets `check` has to fail/,
  },
  {
    fault: "takes a refused key for a passing trouble",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: (steps, signal) =>
        good
          .apply(steps, signal)
          .catch((error) => passingOn(error, ({ message }) => new PluginError("transient", message))),
    })),
    caughtBy: "calls it a fault of the settings when the product knows it no more (401)",
    saying: /`apply \(install\)` has to fail by a PluginError `config`/,
  },
  {
    fault: "expects a missing permission to pass",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      poll: (handles, signal) =>
        good
          .poll(handles, signal)
          .catch((error) => passingOn(error, ({ message }) => new PluginError("transient", message))),
    })),
    caughtBy: "calls it a fault of the settings or the product's no when something is forbidden (403)",
    saying: /`poll` has to tell of a 403/,
  },
  {
    fault: "quotes its key in an error",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good, _tools, { apiKey }) => ({
      poll: (handles, signal) =>
        good
          .poll(handles, signal)
          .catch((error) =>
            passingOn(error, ({ kind, message }) => new PluginError(kind, `${message} (key ${apiKey})`)),
          ),
    })),
    caughtBy: "gives no secret away, whatever the product answers",
    saying: /A secret is given away: .*\(key <the secret>/s,
  },
  {
    fault: "logs its key",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good, { log }, settings) => ({
      check: (signal) => {
        log("checking", settings);
        return good.check(signal);
      },
    })),
    caughtBy: "gives no secret away, whatever the product answers",
    saying: /A secret is given away: .*checking/s,
  },
];
