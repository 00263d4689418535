import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Peer } from "./peers/peer.js";
import { runWrk } from "./wrk.js";

/** A peer's requests, where wrk finds them. */
export interface Loaded {
  readonly peer: Peer;
  /** One a line. */
  readonly file: string;
}

/** What a peer costs under load. */
export interface Cost {
  /** Processors' time of the peer's process, in the program and in the kernel, in milliseconds a request. */
  readonly cpuMs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function writeRequests(
  peer: Peer,
  name: string,
  requests: readonly string[],
  directory: string,
): Promise<Loaded> {
  const file = join(directory, `${name}.requests`);
  await writeFile(file, requests.join("\n"));
  return { peer, file };
}

export async function load({ peer, file }: Loaded, seconds: number): Promise<Cost> {
  const before = await peer.child.cpuSeconds();
  const { requests, ...seen } = await runWrk(peer, file, seconds);
  return { cpuMs: (((await peer.child.cpuSeconds()) - before) * 1000) / requests, ...seen };
}

export function describe({ cpuMs, requestsPerSecond, p50Ms, p99Ms }: Cost): string {
  return (
    `${cpuMs.toFixed(3)} ms of CPU a request, ${Math.round(requestsPerSecond)} requests/s, ` +
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
  );
}
