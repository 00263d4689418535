import { ConfigError, readConfig } from "./config.js";
import { describeError } from "./describe-error.js";
import { type Service, startService } from "./server.js";

/** What the shell sees when the service could not start, or could not go on. */
const FAILED = 1;

const fail = (error: unknown): never => {
  console.error(error instanceof ConfigError ? error.message : describeError(error));
  process.exit(FAILED);
};

let service: Service | null = null;

// Node itself would print a failed statement's parameters.
process.on("uncaughtException", (error) => service?.blame(error) || fail(error));

try {
  const started = await startService(readConfig(process.env), {
    onLost: (error) => {
      console.error(`Allotment stops: ${error.message}`);
      process.exit(FAILED);
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
  fail(error);
}
