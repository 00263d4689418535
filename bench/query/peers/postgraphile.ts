import { startChild } from "../../support/child-process.js";
import type { Key } from "../operations/operation.js";
import { graphqlRequests } from "./graphql-requests.js";
import type { Peer } from "./peer.js";
import type { PeerSettings } from "./settings.js";

/** PostGraphile 5, without authentication. */
export async function startPostgraphile({ node, databaseUrl, poolSize }: PeerSettings): Promise<Peer> {
  const child = await startChild(
    ["--max-old-space-size=1024", "bench/query/peers/postgraphile-server.js"],
    { NODE_ENV: "production", GRAPHILE_ENV: "production", DATABASE_URL: databaseUrl, POOL_SIZE: String(poolSize) },
    /listens on (\S+)/,
    { node },
  );
  const peer = { name: "postgraphile", child, url: child.found[0] ?? "", method: "POST", authorization: "" } as const;
  return {
    ...peer,
    requests: (operation, subjects) =>
      graphqlRequests(peer, operation, { query: operation.postgraphile, encodeId: encodeNodeId }, subjects),
    reshape: ({ reshape }, data) => (reshape ? reshape(data as never) : data),
  };
}

/** As PostGraphile spells the id of a row. */
function encodeNodeId(type: string, key: Key): string {
  return Buffer.from(JSON.stringify([type, ...key])).toString("base64");
}
