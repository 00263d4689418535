import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";

const PROGRAM = fileURLToPath(new URL("./embedded-service.ts", import.meta.url));

/** A process with an embedded PostgreSQL, to be stopped, abandoned or killed. */
export interface EmbeddedProcess {
  readonly pid: number;
  /** The first line it prints: the address of its PostgreSQL. Rejects if it ends without one. */
  readonly url: Promise<string>;
  /** Closes its standard input and waits for its end. */
  finish(): Promise<void>;
  /** Kills it as `kill -9` does and waits for its end, not for PostgreSQL's. */
  kill(): Promise<void>;
}

/** Starts the program as leader of a process group of its own. */
export function startEmbeddedProcess(
  directory: string,
  systemDirectory: string,
  manner: "stop" | "abandon" = "stop",
): EmbeddedProcess {
  const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, directory, systemDirectory, manner], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  const url = firstLine(child);
  url.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    url,
    async finish() {
      child.stdin.end();
      await exit;
    },
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout || !child.stderr) throw new Error("the program was started without pipes");
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`the program ended without an address: ${complaints}`);
}

/** Runs one statement in a session of its own. */
export async function runSql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
