import { EXIT } from "./cli/exit-codes.js";
import { ConfigError, readConfig } from "./config.js";
import { describeError } from "./describe-error.js";
import { errorSentence } from "./error-sentence.js";
import { type Service, startService } from "./server.js";

/** What nobody foresaw is told with its stack. */
const fail = (error: unknown): never => {
  console.error(describeError(error));
  process.exit(EXIT.FAILED);
};

/** Who starts a service that cannot start is told what to do. */
const refuse = (error: unknown): never => {
  if (error instanceof TypeError || error instanceof ReferenceError) return fail(error);
  console.error(error instanceof ConfigError ? error.message : `Allotment cannot start: ${errorSentence(error)}`);
  return process.exit(error instanceof ConfigError ? EXIT.USAGE : EXIT.FAILED);
};

let service: Service | null = null;

// Node itself would print a failed statement's parameters.
process.on("uncaughtException", (error) => service?.blame(error) || fail(error));

try {
  const started = await startService(readConfig(process.env), {
    onLost: (error) => {
      console.error(`Allotment stops: ${error.message}`);
      process.exit(EXIT.FAILED);
    },
  });
  service = started;
  if (started.url)
    console.log(
      `Allotment listens on ${started.url}\nPlayground: ${started.url}/playground\nReport: ${started.url}/report`,
    );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      started.close().then(() => process.exit(0), fail);
    });
  }
} catch (error) {
  refuse(error);
}
