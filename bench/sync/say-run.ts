import { say } from "../support/say.js";
import type { EndedRun } from "./ended-run.js";

/** Tells of a run, and hands it on. */
export function sayRun(what: string, run: EndedRun): EndedRun {
  const { pages, added, changed, ended } = run;
  say(`${what}: ${run.seconds.toFixed(2)} s, ${pages} pages; ${added} added, ${changed} changed, ${ended} ended`);
  return run;
}
