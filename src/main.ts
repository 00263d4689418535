import { ConfigError, readConfig } from "./config.js";
import { describeError } from "./describe-error.js";
import { startService } from "./server.js";

/** What the shell sees when the service could not start, or could not go on. */
const FAILED = 1;

const fail = (error: unknown): never => {
  console.error(error instanceof ConfigError ? error.message : describeError(error));
  process.exit(FAILED);
};

// Node itself would print a failed statement's parameters.
process.on("uncaughtException", fail);

try {
  const service = await startService(readConfig(process.env), {
    onLost: (error) => {
      console.error(`Allotment stops: ${error.message}`);
      process.exit(FAILED);
    },
  });
  if (service.url) console.log(`Allotment listens on ${service.url}\nPlayground: ${service.url}/playground`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      service.close().then(() => process.exit(0), fail);
    });
  }
} catch (error) {
  fail(error);
}
