import { randomUUID } from "node:crypto";
import type { Clock } from "./sync/core.js";

/** The real time and chance; durations divided by `timeScale`, so that a demo or a test need not wait for days. */
export function createSystemClock(timeScale: number): Clock {
  const scaled = (durationMs: number) => durationMs / timeScale;
  return {
    now: () => new Date(),
    scaled,
    in: (durationMs) => new Date(Date.now() + scaled(durationMs)),
    random: Math.random,
    uuid: randomUUID,
  };
}
