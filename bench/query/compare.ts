import assert from "node:assert/strict";
import { decodeGlobalId } from "../../src/entities/global-id.js";
import type { Operation } from "./operations/operation.js";
import { ask, type Peer } from "./peers/peer.js";

/** Answers that are compared, spread over all subjects. */
const COMPARED = 40;
/** How far the bytes of two peers may be apart, as a part of ours. */
const TOLERANCE = 0.1;

/** A peer, and what it is asked. */
export interface Asked {
  readonly peer: Peer;
  readonly requests: readonly string[];
}

/**
 * Holds the peers' answers against each other.
 * @returns the bytes of each one's answers on average.
 * @throws Error if any tells of other data, or needs other bytes by more than a tenth.
 */
export async function compare(operation: Operation, asked: readonly Asked[]): Promise<readonly number[]> {
  const answers = await Promise.all(asked.map((one) => sample(operation, one)));
  const [first] = answers;
  for (const [at, answer] of answers.entries()) {
    const who = `${asked[0]?.peer.name} and ${asked[at]?.peer.name}`;
    assert.deepEqual(answer.data, first?.data, `${who} answer ${operation.name} with different data`);
    const ratio = answer.bytes / (first?.bytes ?? 0);
    if (Math.abs(ratio - 1) <= TOLERANCE) continue;
    throw new Error(`${who} answer ${operation.name} with ${first?.bytes} and ${answer.bytes} bytes`);
  }
  return answers.map(({ bytes }) => Math.round(bytes));
}

async function sample(operation: Operation, { peer, requests }: Asked): Promise<{ bytes: number; data: unknown[] }> {
  const step = Math.max(1, Math.floor(requests.length / COMPARED));
  const sampled = requests.filter((_, at) => at % step === 0);
  const data: unknown[] = [];
  let bytes = 0;
  for (const request of sampled) {
    const answer = await ask(peer, request);
    bytes += Buffer.byteLength(answer);
    data.push(plain("data", peer.reshape(operation, (JSON.parse(answer) as { data: unknown }).data)));
  }
  return { bytes: bytes / sampled.length, data };
}

/** Data without what each peer spells in its own way: ids as keys, times as moments, cursors as whether there is one. */
function plain(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(name, item));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, plain(field, inner)]));
  }
  if (typeof value !== "string") return value;
  if (name === "id") return keyOf(value);
  if (name === "endCursor") return true;
  return /(At|asOf)$/.test(name) ? new Date(value).toISOString() : value;
}

function keyOf(id: string): string {
  const ours = decodeGlobalId(id);
  if (ours) return [ours.type, ...ours.parts].join(":");
  return (JSON.parse(Buffer.from(id, "base64").toString("utf8")) as unknown[]).join(":");
}
