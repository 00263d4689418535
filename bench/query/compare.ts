import assert from "node:assert/strict";
import { decodeGlobalId } from "../../src/entities/global-id.js";
import { say } from "../support/say.js";
import { type Loaded, writeRequests } from "./load.js";
import type { Operation } from "./operations/operation.js";
import { ask, type Peer } from "./peers/peer.js";
import type { Scene } from "./scene.js";
import { readSubjects } from "./subjects.js";

/** Answers that are compared, spread over all subjects. */
const COMPARED = 40;
/** How far the bytes of two peers may be apart, as a part of ours. */
const TOLERANCE = 0.1;

/** An operation whose answers agree, ready to be put. */
export interface Compared {
  readonly operation: Operation;
  /** The peers', in their order. */
  readonly loads: readonly Loaded[];
  /** Of the first peer's answers, on average. */
  readonly bytes: number;
}

/**
 * Holds the peers' answers to each operation against each other.
 * @throws Error if any tells of other data, or needs other bytes by more than a tenth.
 */
export async function compareAll(
  { session, peers }: Scene,
  operations: readonly Operation[],
  directory: string,
): Promise<Compared[]> {
  const subjects = await readSubjects(session);
  const all: Compared[] = [];
  for (const operation of operations) {
    const loads: Loaded[] = [];
    const answers: Answers[] = [];
    for (const peer of peers) {
      const requests = await peer.requests(operation, subjects);
      answers.push(await sample(operation, peer, requests));
      loads.push(await writeRequests(peer, `${operation.name}-${peer.name}`, requests, directory));
    }
    for (const answer of answers) agree(operation, answers[0] ?? answer, answer);
    say(
      `${operation.name}: the same data, ${answers.map(({ bytes }) => Math.round(bytes)).join(", ")} bytes a request`,
    );
    all.push({ operation, loads, bytes: Math.round(answers[0]?.bytes ?? 0) });
  }
  return all;
}

/** What a peer answers to some of the requests. */
interface Answers {
  readonly peer: Peer;
  /** On average. */
  readonly bytes: number;
  /** Each without what is the peer's own way of spelling. */
  readonly data: readonly unknown[];
}

function agree({ name }: Operation, first: Answers, other: Answers): void {
  const who = `${first.peer.name} and ${other.peer.name}`;
  assert.deepEqual(other.data, first.data, `${who} answer ${name} with different data`);
  if (Math.abs(other.bytes / first.bytes - 1) <= TOLERANCE) return;
  throw new Error(`${who} answer ${name} with ${first.bytes} and ${other.bytes} bytes`);
}

async function sample(operation: Operation, peer: Peer, requests: readonly string[]): Promise<Answers> {
  const step = Math.max(1, Math.floor(requests.length / COMPARED));
  const sampled = requests.filter((_, at) => at % step === 0);
  const data: unknown[] = [];
  let bytes = 0;
  for (const request of sampled) {
    const answer = await ask(peer, request);
    bytes += Buffer.byteLength(answer);
    data.push(plain("data", peer.reshape(operation, (JSON.parse(answer) as { data: unknown }).data)));
  }
  return { peer, bytes: bytes / sampled.length, data };
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
