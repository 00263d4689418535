import type { DeviceAppState, Failure } from "../contract.js";
import type { MockOrder } from "./product.js";
import type { Rule } from "./script.js";
import type { MockSettings } from "./settings.js";

/** What a device's state is from some moment on, as the product tells it. */
export interface Moment {
  /** Milliseconds since the order was taken. */
  readonly afterMs: number;
  readonly state: DeviceAppState;
  /** The same, of when it was seen; null where it is seen anew each time somebody asks. */
  readonly seenAfterMs: number | null;
  readonly failure?: Failure;
}

/** What the product makes of an order: its answer, and what can be seen afterwards. */
export interface Scene {
  readonly answer: "accepted" | "done" | Failure;
  /** The order is put off for so long, and then begins. */
  readonly deferredMs: number;
  /** Ascending; empty where the product never tells of it again. */
  readonly moments: readonly Moment[];
}

interface Case {
  fits(order: MockOrder, ordinal: number): boolean;
  readonly scenes: Readonly<Record<MockOrder["action"], Scene>>;
}

/** Prepares a script, so that each order costs no more than finding its rule. */
export function prepareScenes({ script, installMs }: MockSettings): (order: MockOrder, ordinal: number) => Scene {
  const cases = script.map((rule) => ({ fits: scopeOf(rule), scenes: bothScenes(rule, installMs) }) satisfies Case);
  const usual = bothScenes({ outcome: "done" }, installMs);
  return (order, ordinal) => {
    const scenes = cases.find(({ fits }) => fits(order, ordinal))?.scenes ?? usual;
    return scenes[order.action];
  };
}

/** The state of this moment; null where the product tells nothing. */
export function momentAt(moments: readonly Moment[], elapsedMs: number): Moment | null {
  return moments.findLast(({ afterMs }) => afterMs <= elapsedMs) ?? null;
}

function scopeOf({ devices, every, apps, action, times }: Rule): Case["fits"] {
  const [named, bought] = [devices && new Set(devices), apps && new Set(apps)];
  return (order, ordinal) =>
    (action === undefined || action === order.action) &&
    (named === undefined || named.has(order.device)) &&
    (bought === undefined || bought.has(order.adamId)) &&
    (every === undefined || Number(order.device.slice("device-".length)) % every === 0) &&
    (times === undefined || ordinal < times);
}

function bothScenes(rule: Rule, installMs: number): Case["scenes"] {
  return { install: sceneOf(rule, "installed", installMs), remove: sceneOf(rule, "removed", installMs) };
}

function sceneOf(rule: Rule, done: DeviceAppState, installMs: number): Scene {
  const accepted = (...moments: Moment[]): Scene => ({ answer: "accepted", deferredMs: 0, moments });
  const working = under("installing", 0);
  const inVain = done === "installed" ? "INSTALL_FAILED" : "REMOVE_FAILED";
  switch (rule.outcome) {
    case "done":
      return accepted(working, seen(done, installMs));
    case "done-at-once":
      return { ...accepted(seen(done, 0)), answer: "done" };
    case "refused":
      return { ...accepted(), answer: failureOf(rule, inVain) };
    case "failed":
      return accepted(working, { ...seen("failed", installMs), failure: failureOf(rule, inVain) });
    case "needs-user":
      return accepted(
        { ...under("needs-user", 0), failure: failureOf({ remedy: "Wait, as long as the rule says." }, "NEEDS_USER") },
        ...(rule.untilMs === undefined ? [] : [seen(done, rule.untilMs)]),
      );
    case "never-answers":
      return accepted();
    case "deferred":
      return { ...accepted(working, seen(done, installMs)), deferredMs: rule.forMs };
    case "late":
      return accepted(under("pending", 0), seen(done, rule.afterMs));
    case "backwards":
      return accepted(working, seen(done, installMs), { ...seen("installing", 2 * installMs), seenAfterMs: 0 });
    case "states":
      return accepted(...rule.states.map(momentOf));
  }
}

function momentOf(state: Extract<Rule, { outcome: "states" }>["states"][number]): Moment {
  const { afterMs, observedAfterMs, code } = state;
  return {
    afterMs,
    state: state.state,
    seenAfterMs: observedAfterMs ?? afterMs,
    ...(code === undefined ? {} : { failure: failureOf(state, code) }),
  };
}

/** What the product sees each time it looks. */
function under(state: DeviceAppState, afterMs: number): Moment {
  return { afterMs, state, seenAfterMs: null };
}

function seen(state: DeviceAppState, afterMs: number): Moment {
  return { afterMs, state, seenAfterMs: afterMs };
}

/** What a rule says of a failure, and what is said where it says nothing. */
type Told = { readonly [Part in keyof Failure]?: Failure[Part] | undefined };

function failureOf({ code, detail, remedy }: Told, usual: Failure["code"]): Failure {
  return {
    code: code ?? usual,
    detail: detail ?? "It is so because the mock was told to have it so.",
    remedy: remedy ?? "Change the mock's `script` setting and retry.",
  };
}
