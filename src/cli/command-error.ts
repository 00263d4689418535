import { EXIT, type ExitCode } from "./exit-codes.js";

/** Why a command ends otherwise than well: a sentence for the person who typed it, which says what to do. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.FAILED,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
