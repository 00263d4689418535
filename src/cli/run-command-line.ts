import { CommanderError } from "commander";
import { ConfigError } from "../config.js";
import { errorSentence } from "../error-sentence.js";
import { CommandError } from "./command-error.js";
import { createProgram } from "./create-program.js";
import { EXIT, type ExitCode } from "./exit-codes.js";

/**
 * Does what this process was called for. Whatever goes wrong is a sentence on standard error and an exit code, without a
 * stack: who typed a command is not who debugs it.
 */
export async function runCommandLine(env: NodeJS.ProcessEnv): Promise<void> {
  process.stdout.on("error", stopWhenNobodyReads);
  try {
    await createProgram(env).parseAsync(process.argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // Commander has already said it.
    if (!(error instanceof CommanderError)) console.error(sentenceOf(error));
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof ConfigError ? EXIT.USAGE : EXIT.FAILED;
}

function sentenceOf(error: unknown): string {
  return error instanceof CommandError || error instanceof ConfigError ? error.message : errorSentence(error);
}

/** As with `allotment report | head`. */
function stopWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.DONE);
}
