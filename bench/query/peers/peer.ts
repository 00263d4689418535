import type { Child } from "../../support/child-process.js";
import type { Operation } from "../operations/operation.js";
import type { Subjects } from "../subjects.js";

export const PEERS = ["ours", "postgraphile", "bare"] as const;

export type PeerName = (typeof PEERS)[number];

/** One of those that are compared: a process that answers the same questions from the same database. */
export interface Peer {
  readonly name: PeerName;
  readonly child: Child;
  /** Without a path. */
  readonly url: string;
  readonly method: "GET" | "POST";
  /** Of the header `authorization`; empty for none. */
  readonly authorization: string;
  /** The operation's requests, one a subject, in their order: each a body for `/graphql`, or with GET a path. */
  requests(operation: Operation, subjects: Subjects): Promise<readonly string[]>;
  /** The data in the shape of ours. */
  reshape(operation: Operation, data: unknown): unknown;
}

/** Puts one request. @throws Error unless it is answered with 200 and without errors. */
export async function ask(peer: Omit<Peer, "requests" | "reshape">, request: string): Promise<string> {
  const { url, method, authorization } = peer;
  const answer = await fetch(method === "GET" ? `${url}${request}` : `${url}/graphql`, {
    method,
    headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
    ...(method === "POST" ? { body: request } : {}),
  });
  const body = await answer.text();
  if (answer.status !== 200 || body.includes('"errors":')) {
    throw new Error(`${peer.name} answered ${request} with ${answer.status}: ${body.slice(0, 2000)}`);
  }
  return body;
}
