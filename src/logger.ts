import { type DestinationStream, type LogFn, type Logger, pino } from "pino";
import type { Config } from "./config.js";
import { describeError } from "./describe-error.js";

/**
 * The log: JSON lines, by default on standard error, so that standard output is free for what a command answers. An error
 * belongs under `error`, never into the message, which is written as it is.
 */
export function createLogger(level: Config["logLevel"], destination: DestinationStream = pino.destination(2)): Logger {
  const serializers = { error: describeError, err: describeError };
  return pino({ level, serializers, hooks: { logMethod: sayOwnWords } }, destination);
}

/** Of an error without any words beside it, pino would take the message as it is. */
function sayOwnWords(this: Logger, args: Parameters<LogFn>, log: LogFn): void {
  const [told, ...words] = args as unknown[];
  if (told instanceof Error && words.length === 0) log.call(this, { error: told }, told.name);
  else log.apply(this, args);
}
