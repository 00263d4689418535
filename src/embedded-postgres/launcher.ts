/**
 * The small process between Allotment and its embedded PostgreSQL: an entry point of its own, started by
 * launch-server.ts. It holds a pipe to Allotment, and when that closes, however Allotment ended, stops PostgreSQL.
 */
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import type { LaunchOrder } from "./launch-server.js";

/** Fast shutdown ends sessions and writes a checkpoint; immediate leaves the log to be replayed at the next start. */
const ESCALATION = [
  { signal: "SIGINT", afterMs: 0 },
  { signal: "SIGQUIT", afterMs: 20_000 },
  { signal: "SIGKILL", afterMs: 30_000 },
] as const;

const order = JSON.parse(process.argv[2] ?? "") as LaunchOrder;

// The terminal and service supervisors signal every process they see, but only Allotment knows when it is done.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const log = openSync(order.log, "w", 0o600);
const server = spawn(order.command, order.args, {
  cwd: order.directory,
  env: { LC_ALL: "C", TZ: "UTC" },
  stdio: ["ignore", log, log],
  ...(order.account ? { uid: order.account.uid, gid: order.account.gid } : {}),
});
server.once("error", () => finish(1));
server.once("exit", (code) => finish(code ?? 1));

let stopping = false;
for (const event of ["end", "error", "close"]) process.stdin.once(event, stop);
process.stdin.resume();

function stop(): void {
  if (stopping) return;
  stopping = true;
  for (const { signal, afterMs } of ESCALATION) setTimeout(() => server.kill(signal), afterMs);
}

function finish(code: number): void {
  for (const path of order.removeAtEnd) rmSync(path, { recursive: true, force: true });
  process.exit(code);
}
