import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { type ServiceSettings, startService } from "../../support/processes.js";
import type { Key } from "../operations/operation.js";
import { graphqlRequests } from "./graphql-requests.js";
import { ask, type Peer } from "./peer.js";

const MAKE_KEY = `mutation {
  createApiKey(input: { name: "bench", role: VIEWER }) { key }
}`;

/** The service, asked with an API key of a viewer. */
export async function startOurs(settings: ServiceSettings): Promise<Peer> {
  const child = await startService(settings);
  const peer = { name: "ours", child, url: child.found[0] ?? "", method: "POST" } as const;
  const admin = { ...peer, authorization: `Bearer ${settings.adminKey}` };
  const made = await ask(admin, JSON.stringify({ query: MAKE_KEY }));
  const { data } = JSON.parse(made) as { data: { createApiKey: { key: string } } };
  const viewer = { ...peer, authorization: `Bearer ${data.createApiKey.key}` };
  return {
    ...viewer,
    requests: (operation, subjects) =>
      graphqlRequests(viewer, operation, { query: operation.ours, encodeId }, subjects),
    reshape: (_, data) => data,
  };
}

function encodeId(type: string, key: Key): string {
  return encodeGlobalId(type, ...key);
}
