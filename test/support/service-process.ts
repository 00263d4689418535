import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type ApiClient, createApiClient } from "./api-client.js";

/** The service as its own process, to be killed. */
export interface ServiceProcess {
  readonly api: ApiClient;
  /** As the machine's out-of-memory killer would. */
  kill(): Promise<void>;
}

export interface ServiceProcessOptions {
  /** Gets each line of the log, which else goes where the tests' own goes. */
  readonly onLog?: (line: string) => void;
}

/** Starts `src/main.ts` with this environment and waits until it listens. */
export async function startServiceProcess(
  environment: Record<string, string>,
  { onLog }: ServiceProcessOptions = {},
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts"], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", onLog ? "pipe" : "inherit"],
  });
  if (onLog && child.stderr) createInterface({ input: child.stderr }).on("line", onLog);
  const url = await listeningAt(child);
  return {
    api: createApiClient(url, environment.ADMIN_API_KEY ?? null),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function listeningAt(child: Pick<ChildProcess, "stdout">): Promise<string> {
  if (!child.stdout) throw new Error("The service has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error("The service ended before it listened");
}
