import { COMMANDS, GROUPS, need, type Planted, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin tells what became of Steps. */
export const reports: readonly Planted[] = [
  {
    fault: "throws for one unknown handle",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      poll: async (handles, signal) =>
        good.poll(
          handles.map((handle) => JSON.stringify(JSON.parse(handle))),
          signal,
        ),
    })),
    caughtBy: "leaves a handle that it does not know out of its answer",
    saying: /`poll` threw something other than a PluginError: SyntaxError/,
  },
  {
    fault: "dates what it saw by its own clock, and never forgets it",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good, { now }) => {
      const seen = new Map<string, Awaited<ReturnType<typeof good.poll>>["statuses"][number]>();
      return {
        poll: async (handles, signal) => {
          for (const status of (await good.poll(handles, signal)).statuses) {
            const name = `${status.handle} ${status.device}`;
            if (seen.get(name)?.state !== "installed") seen.set(name, status);
          }
          const statuses = [...seen.values()].filter(({ handle }) => handles.includes(handle));
          return { statuses: statuses.map((status) => ({ ...status, observedAt: now() })), followUps: [] };
        },
      };
    }),
    caughtBy: "sees that an app is gone which it saw before, when its product does",
    saying: /An app that is gone is seen as installed, after it went/,
  },
  {
    fault: "takes the report of an app that was removed for its own old install",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good, { now }) => ({
      poll: async (handles, signal) => {
        const { statuses } = await good.poll(handles, signal);
        const isOld = (handle: string) => handle.includes('"required"');
        return {
          statuses: statuses.map((status) =>
            isOld(status.handle) ? { ...status, state: "installed" as const, observedAt: now() } : status,
          ),
          followUps: [],
        };
      },
    })),
    caughtBy: "says nothing newer of an install once the app was removed",
    saying: /is seen as installed, and later than its removal/,
  },
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
    plugin: plantInConnection(COMMANDS, (good) => {
      const { verify, read } = need(good.webhook);
      return {
        webhook: {
          verify,
          read: (request) => {
            const reading = read(request);
            const observedAt = request.receivedAt;
            return { ...reading, statuses: reading.statuses.map((status) => ({ ...status, observedAt })) };
          },
        },
      };
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
    fault: "gives one call the answer of another",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => {
      let underWay: ReturnType<typeof good.poll> | null = null;
      return {
        poll: (handles, signal) => {
          underWay ??= good.poll(
            [...handles, `{"adamId":"1001234567","intent":"required","group":"x${handles.length}"}`],
            signal,
          );
          const mine = underWay;
          void mine.finally(() => {
            underWay = null;
          });
          return mine;
        },
      };
    }),
    caughtBy: "serves several calls at the same time, each with its own answer",
    saying: /One call got another's answer/,
  },
];
