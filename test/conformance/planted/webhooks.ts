import { PluginError } from "../../../src/plugins/contract.js";
import { COMMANDS, need, type Planted, plantInConnection, plantInRead } from "./ground.js";

/** What is wrong with how a plugin reads what its product sends. */
export const webhooks: readonly Planted[] = [
  {
    fault: "believes every webhook",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, (good) => ({ webhook: { ...need(good.webhook), verify: () => true } })),
    caughtBy: "refuses a webhook that its product has not proved to be its own",
    saying: /has to refuse an event without headers/,
  },
  {
    fault: "dates events by their arrival",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => (request) => {
      const reading = read(request);
      const observedAt = request.receivedAt;
      return { ...reading, statuses: reading.statuses.map((status) => ({ ...status, observedAt })) };
    }),
    caughtBy: "reads the same of the same webhook, however often, and no nonsense",
    saying: /An event that comes twice has to tell the same/,
  },
  {
    fault: "waits for a webhook that never comes",
    ground: COMMANDS,
    plugin: plantInConnection(COMMANDS, () => ({ poll: async () => ({ statuses: [], followUps: [] }) })),
    caughtBy: "finds out by itself what a lost webhook would have told",
    saying: /The install has to end as such/,
  },
  {
    fault: "makes nonsense of an event that it cannot read",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => (request) => {
      try {
        return read(request);
      } catch {
        return {} as never;
      }
    }),
    caughtBy: "reads the same of the same webhook, however often, and no nonsense",
    saying: /The answer of `webhook.read` is not as the contract says/,
  },
  {
    fault: "makes nothing of what its product tells",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => (request) => ({ ...read(request), statuses: [], followUps: [] })),
    caughtBy: "learns by webhook what became of a Step",
    saying: /No event told of a Step/,
  },
  {
    fault: "wants to read no event twice",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => {
      const seen = new Set<string>();
      return (request) => {
        const text = Buffer.from(request.body).toString("utf8");
        if (seen.has(text)) throw new PluginError("internal", "This event was read before.");
        seen.add(text);
        return read(request);
      };
    }),
    caughtBy: "comes to the same end when each webhook comes twice, and late",
    saying: /cannot read an event that the product has sent: This event was read before/,
  },
  {
    fault: "dates events by when they are read",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => (request) => {
      const reading = read(request);
      const observedAt = new Date();
      return { ...reading, statuses: reading.statuses.map((status) => ({ ...status, observedAt })) };
    }),
    caughtBy: "comes to the same end when webhooks of the past come again",
    saying: /The install has to end as such; the last word was .*"installing"/,
  },
];
