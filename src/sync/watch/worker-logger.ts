import { Logger } from "graphile-worker";
import type { Core } from "../core.js";

/** graphile-worker tells of each job at its info level: that is our debug. */
const LEVELS: Readonly<Record<string, "error" | "warn" | "debug">> = { error: "error", warning: "warn", info: "debug" };

/** It advises a larger batch at each start; several jobs of one queue in a batch would run side by side. */
const DECLINED_ADVICE = /^Your job batch size/;

/** What graphile-worker has to say goes to our log, its errors apart from the message: only there they lose their secrets. */
export function workerLogger({ log }: Pick<Core, "log">): Logger {
  return new Logger(({ taskIdentifier }) => (level, message, meta) => {
    const error = meta?.error ?? meta?.fatalError;
    log[DECLINED_ADVICE.test(message) ? "debug" : (LEVELS[level] ?? "debug")](
      { job: taskIdentifier, ...(error !== undefined && { error }) },
      withoutError(message, error),
    );
  });
}

/** Its messages end in the error's own. */
function withoutError(message: string, error: unknown): string {
  const told = error instanceof Error ? error.message : String(error ?? "");
  const at = told === "" ? -1 : message.indexOf(told);
  return at < 0 ? message : message.slice(0, at).replace(/\W+$/, "");
}
