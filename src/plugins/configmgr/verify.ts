import type { Step, StepOutcome } from "../contract.js";
import type { Site } from "./apply.js";
import { readHandle } from "./handle.js";
import type { Meaning } from "./interpret.js";
import { readMeanings } from "./poll.js";

/** Looks once more at what became of earlier Steps: seen on the device, or left to the next poll. */
export async function verify(site: Site, steps: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> {
  const observedAt = site.now();
  const seen = new Map<string, Map<number, Meaning>>();
  const outcomes: StepOutcome[] = [];
  for (const { key, device, handle: text } of steps) {
    const handle = readHandle(text ?? "");
    if (text === null || handle === null) {
      outcomes.push({ key, outcome: "accepted", handle: text ?? "" });
      continue;
    }
    const meanings = seen.get(text) ?? (await readMeanings(site, handle, signal));
    seen.set(text, meanings);
    const state = meanings.get(Number(device.externalId))?.state;
    const isDone = state === "installed" || state === "removed";
    outcomes.push(isDone ? { key, outcome: "done", observedAt } : { key, outcome: "accepted", handle: text });
  }
  return outcomes;
}
