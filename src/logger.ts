import { type Logger, pino } from "pino";
import type { Config } from "./config.js";

/** The log: JSON lines on standard error, so that standard output is free for what a command answers. */
export function createLogger(level: Config["logLevel"]): Logger {
  return pino({ level, serializers: { error: describeError, err: describeError } }, pino.destination(2));
}

/** Of an error only what cannot hold a secret: a failed query would print its parameters. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  return { name, message, code, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}
