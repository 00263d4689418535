import { APP } from "../../../conformance/scene.js";
import { PluginError, type StepOutcome } from "../../../src/plugins/contract.js";
import { COMMANDS, DEVICES, GROUPS, need, type Planted, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin takes Steps and shows invitations. */
export const installs: readonly Planted[] = [
  {
    fault: "makes up a new command each time",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good, { random }) => ({
      apply: async (steps, signal) => {
        const outcomes = await good.apply(
          steps.map((step) => ({ ...step, key: `${step.key}~${random()}` })),
          signal,
        );
        return outcomes.map((outcome) => ({ ...outcome, key: outcome.key.split("~")[0] ?? "" }));
      },
    })),
    caughtBy: "gives the same outcome for the same key, and installs once",
    saying: /The same Step, told again, had another outcome/,
  },
  {
    fault: "makes one command of a batch, with an id of its first key",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: async (steps, signal) => {
        const { key } = need(steps[0]);
        const together = steps.map((step) => (step.action === "verify" ? step : { ...step, key }));
        const outcomes = await good.apply(together, signal);
        return outcomes.map((outcome, index) => ({ ...outcome, key: need(steps[index]).key }));
      },
    })),
    caughtBy: "knows a Step again in other company, and loses nobody who is new in it",
    saying: /One install was wanted, and \d were ordered/,
  },
  {
    fault: "makes handles that nobody can keep",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: async (steps, signal) =>
        (await good.apply(steps, signal)).map((outcome) =>
          outcome.outcome === "accepted" ? { ...outcome, handle: outcome.handle.padEnd(3000) } : outcome,
        ),
    })),
    caughtBy: "installs an app, sees it on the device, removes it, and sees it gone",
    saying: /The answer of `apply` is not as the contract says: 0\.handle: is longer than 2048 bytes/,
  },
  {
    fault: "says nothing of the Steps after the twentieth",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: (steps, signal) => good.apply(steps.slice(0, 20), signal),
    })),
    caughtBy: "takes the Steps of many devices at once, each with an outcome of its own",
    saying: /exactly one outcome for each Step/,
  },
  {
    fault: "throws for a device that is unknown",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: async (steps, signal) => {
        const outcomes = await good.apply(steps, signal);
        if (outcomes.some(({ outcome }) => outcome === "failed")) throw new PluginError("rejected", "Unknown device.");
        return outcomes;
      },
    })),
    caughtBy: "fails the Step of a device that refuses or is unknown, and no other with it",
    saying: /`apply` failed where nothing is wrong: rejected: Unknown device/,
  },
  {
    fault: "loses what went well in a batch of which one request failed",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: async (steps, signal) => (await Promise.all(steps.map((step) => good.apply([step], signal)))).flat(),
    })),
    caughtBy: "keeps what went well when one request of a batch fails",
    saying: /`apply` threw, although the product had taken some of the Steps/,
  },
  {
    fault: "fails for good what failed for the moment",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({
      apply: async (steps, signal) =>
        (await good.apply(steps, signal)).map(
          (outcome): StepOutcome =>
            outcome.outcome === "deferred"
              ? { key: outcome.key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: outcome.reason } }
              : outcome,
        ),
    })),
    caughtBy: "installs once, whichever answer is lost",
    saying: /made a Step fail for good/,
  },
  {
    fault: "throws for an app that is unknown",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: async (steps, signal) => {
        const outcomes = await good.apply(steps, signal);
        if (outcomes.some(({ outcome }) => outcome === "failed")) throw new PluginError("rejected", "Unknown app.");
        return outcomes;
      },
    })),
    caughtBy: "gives the Step of an app that the product does not know an outcome of its own, and spoils no other",
    saying: /`apply` failed where nothing is wrong: rejected: Unknown app/,
  },
  {
    fault: "fails to remove what is not there",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: async (steps, signal) => {
        const held = need(good.licenses).holders("token-1", APP.adamId, null, signal);
        const holders = (await held).records.map(({ externalId }) => externalId);
        const outcomes = await good.apply(steps, signal);
        return outcomes.map((outcome, index): StepOutcome => {
          const { key, action, device } = need(steps[index]);
          if (action !== "remove" || holders.includes(device.externalId)) return outcome;
          return { key, outcome: "failed", failure: { code: "REMOVE_FAILED", detail: "There is no such app." } };
        });
      },
    })),
    caughtBy: "finds that nothing is to be done where the app is installed or gone already",
    saying: /The plugin has to see the app removed; its last word was .*There is no such app/,
  },
  {
    fault: "makes an app object each time",
    ground: COMMANDS,
    plugin: {
      ...plantInConnection(COMMANDS, (_good, { random }) => ({
        ensureApplication: async () => ({ handle: `app ${random()}` }),
      })),
      abilities: { ...COMMANDS.plugin.abilities, applications: true },
    },
    caughtBy: "makes the app object once",
    saying: /The second time another app object was made/,
  },
  {
    fault: "shows an invitation each time that it is told",
    ground: DEVICES,
    plugin: plantInConnection(DEVICES, (good, { random }) => ({
      invite: async (invitations, signal) =>
        need(good.invite)(
          invitations.map((invitation) => ({ ...invitation, key: `${random()}` })),
          signal,
        ),
    })),
    caughtBy: "shows a person Apple's invitation, once for the same key",
    saying: /The invitation has to be shown once/,
  },
];
