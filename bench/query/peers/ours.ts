import { encodeGlobalId } from "../../../src/entities/global-id.js";
import type { Child } from "../../support/child-process.js";
import { graphqlRequests } from "./graphql-requests.js";
import { ask, type Peer } from "./peer.js";

const MAKE_KEY = `mutation {
  createApiKey(input: { name: "bench", role: VIEWER }) { key }
}`;

/** The service, asked with an API key of a viewer. */
export async function ours(child: Child, adminKey: string): Promise<Peer> {
  const peer = { name: "ours", child, url: child.found[0] ?? "", method: "POST" } as const;
  const made = await ask({ ...peer, authorization: `Bearer ${adminKey}` }, JSON.stringify({ query: MAKE_KEY }));
  const { data } = JSON.parse(made) as { data: { createApiKey: { key: string } } };
  const known = { ...peer, authorization: `Bearer ${data.createApiKey.key}` };
  return {
    ...known,
    requests: (operation, subjects) => {
      const encodeId = (type: string, key: readonly [string, ...string[]]) => encodeGlobalId(type, ...key);
      return graphqlRequests(known, operation, { query: operation.ours, encodeId }, subjects);
    },
    reshape: (_, data) => data,
  };
}
