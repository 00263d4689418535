import { describe, expect, test } from "vitest";
import type { StoredCircuit } from "../../../../src/entities/target-circuit.js";
import { PluginError, type PluginErrorKind } from "../../../../src/plugins/contract.js";
import { nextCircuit } from "../../../../src/sync/targets/circuit/next-circuit.js";

const START = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;
const CLOSED: StoredCircuit = { failures: 0, openedAt: null, pausedUntil: null, lastError: null, lastFailedAt: null };

function clockAt(ms: number) {
  const now = () => new Date(START + ms);
  return {
    now,
    in: (durationMs: number) => new Date(START + ms + durationMs),
    scaled: (durationMs: number) => durationMs,
    random: () => 0,
    uuid: () => "",
  };
}

/** One call after the other fails, each as soon as it may be made. @returns after how many minutes each next one may. */
function pauses(kinds: readonly (PluginErrorKind | PluginError)[]): (number | null)[] {
  let circuit = CLOSED;
  let at = 0;
  return kinds.map((kind) => {
    const error = typeof kind === "string" ? new PluginError(kind, "No.") : kind;
    circuit = nextCircuit(circuit, error, clockAt(at));
    if (circuit.pausedUntil === null) return null;
    const pauseMs = circuit.pausedUntil.getTime() - START - at;
    at = circuit.pausedUntil.getTime() - START;
    return pauseMs / MINUTE;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("a circuit", () => {
  test("stays closed for two failures, and opens with the third", () => {
    expect(pauses(times(3, "transient"))).toEqual([null, null, 0.5]);
    expect(pauses(times(3, "internal"))).toEqual([null, null, 0.5]);
  });

  test("opens for twice as long with each further failure, up to an hour", () => {
    expect(pauses(times(12, "transient")).slice(2)).toEqual([0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("opens at once, and for longer, where an admin has to act", () => {
    expect(pauses(times(6, "config"))).toEqual([5, 10, 20, 40, 60, 60]);
  });

  test("opens at once for as long as the product asks to be left alone, even for longer than an hour", () => {
    const busy = (retryAfterMs: number) => new PluginError("transient", "Busy.", { retryAfterMs });
    expect(pauses([busy(10 * MINUTE), busy(180 * MINUTE), busy(0)])).toEqual([10, 180, 0.5]);
  });

  test("keeps when it was opened, and tells of the last failure", () => {
    const opened = nextCircuit(CLOSED, new PluginError("config", "First."), clockAt(0));
    const again = nextCircuit(opened, new PluginError("transient", "Second."), clockAt(5 * MINUTE));
    expect(again).toMatchObject({
      failures: 2,
      openedAt: new Date(START),
      lastError: "Second.",
      lastFailedAt: new Date(START + 5 * MINUTE),
    });
  });

  test("is not held open for longer by a call that was under way when it opened", () => {
    const opened = nextCircuit(CLOSED, new PluginError("config", "First."), clockAt(0));
    const late = nextCircuit(opened, new PluginError("transient", "Late."), clockAt(MINUTE));
    expect(late).toEqual({ ...opened, lastError: "Late.", lastFailedAt: new Date(START + MINUTE) });
  });
});
