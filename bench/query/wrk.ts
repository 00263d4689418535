import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Peer } from "./peers/peer.js";

const run = promisify(execFile);

const MICROSECONDS = 1e6;

/** What wrk saw of a peer. */
export interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @throws Error that says how wrk is installed, unless it is. */
export async function requireWrk(): Promise<void> {
  try {
    await run("wrk", ["--version"]);
  } catch (error) {
    // It ends with 1 after telling its version.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return;
    throw new Error("wrk is missing: install Debian's package (apt-get install wrk).");
  }
}

/**
 * Loads a peer from 16 connections. @param file the requests, one a line.
 * @throws Error if any was not answered, not with 200, or with errors.
 */
export async function runWrk(peer: Peer, file: string, seconds: number): Promise<Load> {
  const { stdout } = await run("wrk", [
    ...["-t1", "-c16", `-d${seconds}s`, "--timeout", "10s", "-s", "bench/query/stride.lua", peer.url, "--"],
    ...[file, peer.method, ...(peer.authorization ? [peer.authorization] : [])],
  ]);
  const [requests = 0, duration = 0, faults, broken, p50 = 0, p99 = 0] = (/^RESULT (.*)$/m.exec(stdout)?.[1] ?? "")
    .split(" ")
    .map(Number);
  if (requests === 0 || faults !== 0 || broken !== 0) throw new Error(`${peer.name} failed under load:\n${stdout}`);
  return {
    requests,
    requestsPerSecond: (requests / duration) * MICROSECONDS,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
  };
}
