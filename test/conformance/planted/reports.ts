import { PluginError } from "../../../src/plugins/contract.js";
import { GROUPS, type Planted, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin finds out what became of Steps. */
export const reports: readonly Planted[] = [
  {
    fault: "calls it a refusal that somebody is waited for",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      poll: async (handles, signal) => {
        const failure = { code: "USER_REFUSED", detail: "Somebody has to sign in." } as const;
        const { statuses } = await good.poll(handles, signal);
        return {
          statuses: statuses.map((status) => ({ ...status, state: "needs-user" as const, failure })),
          followUps: [],
        };
      },
    })),
    caughtBy: "installs an app, sees it on the device, removes it, and sees it gone",
    saying: /The answer of `poll` is not as the contract says: .*`needs-user` says what to do as NEEDS_USER/,
  },
  {
    fault: "forgets when a Step was decided",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: (steps, signal) =>
        good.apply(
          steps.map((step) => ({ ...step, decidedAt: new Date(0) })),
          signal,
        ),
    })),
    caughtBy: "takes no failure from before a Step was decided for what became of it",
    saying: /has failed by a report from before it was decided/,
  },
  {
    fault: "verifies by another handle than it was given",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: async (steps, signal) =>
        (await good.apply(steps, signal)).map((outcome, index) =>
          steps[index]?.action === "verify" ? { key: outcome.key, outcome: "accepted", handle: outcome.key } : outcome,
        ),
    })),
    caughtBy: "verifies what became of an earlier Step",
    saying: /`verify` has to find the app that is there/,
  },
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
    fault: "gives one call the answer of another",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => {
      let underWay: ReturnType<typeof good.poll> | null = null;
      return {
        poll: (handles, signal) => {
          underWay ??= good.poll(
            [...handles, `{"adamId":"1001234567","intent":"required","group":"x","since":"2000-01-01T00:00:00Z"}`],
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
  {
    fault: "takes all its connections with it when one is closed",
    ground: GROUPS,
    plugin: closingAll(),
    caughtBy: "can be closed, and leaves another connection at work",
    saying: /`apply` failed where nothing is wrong: internal: It is closed/,
  },
];

function closingAll(): Planted["plugin"] {
  let isClosed = false;
  return plantInConnection(GROUPS, (good) => ({
    apply: async (steps, signal) => {
      if (isClosed) throw new PluginError("internal", "It is closed.");
      return good.apply(steps, signal);
    },
    close: async () => {
      isClosed = true;
    },
  }));
}
