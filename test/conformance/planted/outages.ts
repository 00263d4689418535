import { PluginError } from "../../../src/plugins/contract.js";
import { COMMANDS, GROUPS, type Planted, passingOn, plantInConnection, plantInFetch } from "./ground.js";

const NEVER = new AbortController().signal;

/** What is wrong with how a plugin bears a product that is away, busy or odd. */
export const outages: readonly Planted[] = [
  {
    fault: "tries again by itself",
    ground: GROUPS,
    plugin: plantInFetch(GROUPS, (fetch) => async (input, init) => {
      const response = await fetch(input, init);
      return response.status === 503 ? fetch(input, init) : response;
    }),
    caughtBy: "expects a product that fails (503) to come back, and leaves it to the core to try again",
    saying: /tried again by itself/,
  },
  {
    fault: "gives up on a product that cannot be reached",
    ground: GROUPS,
    plugin: plantInFetch(
      GROUPS,
      (fetch) => (input, init) =>
        fetch(input, init).catch((error) => passingOn(error, ({ message }) => new PluginError("config", message))),
    ),
    caughtBy: "expects a product that cannot be reached to come back",
    saying: /`check` has to fail as `transient`/,
  },
  {
    fault: "looks at its signal afterwards",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      check: async (signal) => {
        const found = await good.check(NEVER);
        if (signal.aborted) throw new PluginError("transient", "It took too long.");
        return found;
      },
    })),
    caughtBy: "begins nothing when its signal has fired already",
    saying: /`check` was to begin nothing any more/,
  },
  {
    fault: "has no patience",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      check: (signal) => good.check(AbortSignal.any([signal, AbortSignal.timeout(5)])),
    })),
    caughtBy: "waits for a slow product",
    saying: /`check` failed where nothing is wrong: transient/,
  },
  {
    fault: "takes a broken answer for an empty one",
    ground: GROUPS,
    plugin: plantInFetch(GROUPS, (fetch) => (input, init) => fetch(input, init).catch(() => Response.json({}))),
    caughtBy: "expects better of an answer whose connection broke",
    saying: /`check` has to fail as `transient`; it was no error/,
  },
  {
    fault: "does not hear its signal",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({ poll: (handles) => good.poll(handles, NEVER) })),
    caughtBy: "ends soon after its signal when the product never answers",
    saying: /`poll` did not end within \d+ ms of its signal/,
  },
  {
    fault: "is surprised by a page that is not the product's",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      check: (signal) =>
        good.check(signal).catch((error) => {
          if (error instanceof PluginError && error.kind === "internal") throw new SyntaxError("Unexpected token <");
          throw error;
        }),
    })),
    caughtBy: "takes a page of somebody else's for no answer",
    saying: /`check` threw something other than a PluginError/,
  },
  {
    fault: "goes past the fetch that it was given",
    ground: COMMANDS,
    plugin: plantInFetch(COMMANDS, () => globalThis.fetch),
    caughtBy: "reaches its product through the tools that it is given, and no other way",
    saying: /did not go through `fetch`/,
  },
  {
    fault: "forgets how long it was asked to wait",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      check: (signal) =>
        good.check(signal).catch((error) => passingOn(error, ({ kind, message }) => new PluginError(kind, message))),
    })),
    caughtBy: "passes on how many seconds a product that throttles wants to be left alone",
    saying: /`check` has to pass on a Retry-After of 37000 ms; it was undefined/,
  },
  {
    fault: "is lost where nobody says how long to wait",
    ground: GROUPS,
    plugin: plantInFetch(GROUPS, (fetch) => async (input, init) => {
      const response = await fetch(input, init);
      if (response.status !== 429 || response.headers.has("retry-after")) return response;
      throw new PluginError("internal", "The product does not say when to come back.");
    }),
    caughtBy: "expects a product that throttles without a word to come back",
    saying: /`check` has to fail as `transient` at a 429; it was `internal`/,
  },
  {
    fault: "understands no date in Retry-After",
    ground: GROUPS,
    plugin: plantInFetch(GROUPS, (fetch) => async (input, init) => {
      const response = await fetch(input, init);
      const told = response.headers.get("retry-after");
      if (told === null || /^\d+$/.test(told)) return response;
      return new Response(null, { status: response.status, headers: { "retry-after": "0" } });
    }),
    caughtBy: "passes on until when a product that throttles wants to be left alone",
    saying: /has to pass on a Retry-After of 37000 ms; it was 0/,
  },
];
