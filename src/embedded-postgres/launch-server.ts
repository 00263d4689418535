import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Account } from "./account.js";

/** What the launcher is told, as JSON in its first argument; never a secret. */
export interface LaunchOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly account?: Account;
  /** Where PostgreSQL's output goes; begun anew at each start. */
  readonly log: string;
  /** Paths to remove once PostgreSQL has ended. */
  readonly removeAtEnd: readonly string[];
}

/** A PostgreSQL that ends with this process. */
export interface ServerProcess {
  /** Settles when PostgreSQL and its launcher have ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Ends PostgreSQL by fast shutdown; resolves when it is gone, at the latest after about 30 seconds. */
  stop(): Promise<void>;
}

/** Starts the launcher in a session of its own, so that Ctrl-C reaches only us, and does not let it keep us alive. */
export function launchServer(order: LaunchOrder): ServerProcess {
  const child = spawn(process.execPath, [...launcherArguments(), JSON.stringify(order)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: order.directory,
    env: { TMPDIR: tmpdir() },
  });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ["exit", "error"]) {
      child.once(event, () => {
        over = true;
        resolve();
      });
    }
  });
  child.stdin.on("error", () => undefined);
  child.unref();
  return {
    ended,
    hasEnded: () => over,
    async stop() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

/** Beside this file lies the launcher in the same form: JavaScript after a build, TypeScript under tsx and vitest. */
function launcherArguments(): string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const launcher = fileURLToPath(new URL(`./launcher${extension}`, import.meta.url));
  const loader = extension === ".ts" ? ["--import", createRequire(import.meta.url).resolve("tsx")] : [];
  return [...loader, launcher];
}
