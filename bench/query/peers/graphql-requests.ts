import type { Key, Operation } from "../operations/operation.js";
import { PAGE, type Subjects } from "../subjects.js";
import { ask, type Peer } from "./peer.js";

interface Dialect {
  /** The operation's text for this peer. */
  readonly query: string;
  encodeId(type: string, key: Key): string;
}

/** The bodies of an operation's requests. Cursors are what the peer itself says after so many items. */
export async function graphqlRequests(
  peer: Omit<Peer, "requests" | "reshape">,
  { over }: Operation,
  { query, encodeId }: Dialect,
  subjects: Subjects,
): Promise<string[]> {
  const body = (variables: object) => JSON.stringify({ query, variables });
  if (over !== "places") return subjects.keys[over].map((key) => body({ id: encodeId(over, key) }));
  const bodies: string[] = [];
  for (const { before } of subjects.places) {
    const after = before === 0 ? null : endCursor(await ask(peer, body({ first: before, after: null })));
    bodies.push(body({ first: PAGE, after }));
  }
  return bodies;
}

function endCursor(answer: string): string {
  const cursor = /"endCursor":"([^"]+)"/.exec(answer)?.[1];
  if (cursor === undefined) throw new Error("An answer has no cursor");
  return cursor;
}
