import type { Runner } from "graphile-worker";
import type { Core } from "../core.js";

/** So long after workers have given up others take their place, in real milliseconds. */
const PAUSE_MS = 1_000;

/** Workers that go on until they are stopped. */
export interface Running {
  /** Lets running jobs finish, then stops. */
  stop(): Promise<void>;
}

/**
 * Starts workers, and others whenever they end by themselves: graphile-worker gives up where the database was away for minutes.
 * @throws what the first start throws.
 */
export async function keepRunning(
  { log }: Pick<Core, "log">,
  start: () => Promise<Pick<Runner, "promise" | "stop">>,
): Promise<Running> {
  let isStopped = false;
  let runner = await start();
  let pause: NodeJS.Timeout | undefined;
  let starting: Promise<void> = Promise.resolve();

  const watch = (): void => {
    runner.promise.then(
      () => replace(undefined),
      (error: unknown) => replace(error),
    );
  };
  const replace = (error: unknown): void => {
    if (isStopped) return;
    log.error({ error }, "Workers have ended by themselves: others take their place");
    pause = setTimeout(() => {
      starting = start().then((other) => {
        runner = other;
        watch();
      }, replace);
    }, PAUSE_MS);
  };

  watch();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(pause);
      await starting;
      // Those that have ended by themselves cannot be stopped.
      await runner.stop().catch(() => undefined);
    },
  };
}
