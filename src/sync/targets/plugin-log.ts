import type { Logger } from "pino";
import type { PluginTools } from "../../plugins/contract.js";
import type { Clock } from "../core.js";
import { toStorableText } from "./storable.js";

/** So many lines a minute are written of one connection; what else it says in that minute is only counted. */
const LINES_A_MINUTE = 100;
const MINUTE_MS = 60_000;

/** What a plugin says to the service's log: cut, without its secrets, and not without end. */
export function pluginLog(log: Logger, clock: Clock, hide: (text: string) => string): PluginTools["log"] {
  let minute = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return (message, details) => {
    const now = Math.floor(clock.now().getTime() / MINUTE_MS);
    if (now !== minute) {
      if (lines > LINES_A_MINUTE)
        log.warn({ lines: lines - LINES_A_MINUTE }, "a plugin said more than is written down");
      minute = now;
      lines = 0;
    }
    lines += 1;
    if (lines > LINES_A_MINUTE) return;
    log.info({ details: details === undefined ? undefined : textOf(details, hide) }, shown(message, hide));
  };
}

/** As text, so that whatever it is made of is bounded, and free of secrets however deep they lie. */
function textOf(details: unknown, hide: (text: string) => string): string {
  try {
    return shown(JSON.stringify(details), hide);
  } catch {
    return "(cannot be shown)";
  }
}

function shown(text: unknown, hide: (text: string) => string): string {
  return toStorableText(hide(String(text)));
}
