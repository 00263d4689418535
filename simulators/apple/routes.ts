import { readAssets } from "./endpoints/assets.js";
import { readAssignments } from "./endpoints/assignments.js";
import { associateAssets } from "./endpoints/associate-assets.js";
import { readClientConfig, writeClientConfig } from "./endpoints/client-config.js";
import { disassociateAssets } from "./endpoints/disassociate-assets.js";
import { createUsers, retireUsers, updateUsers } from "./endpoints/manage-users.js";
import { revokeAssets } from "./endpoints/revoke-assets.js";
import { readStatus } from "./endpoints/status.js";
import { readUsers } from "./endpoints/users.js";
import type { Endpoint } from "./service-request.js";

export const BASE_PATH = "/mdm/v2";
export const SERVICE_CONFIG_PATH = "/service/config";

/** Everything that needs a token, by the path under the v2 root. */
export const routes: ReadonlyMap<string, Partial<Record<"GET" | "POST", Endpoint>>> = new Map([
  ["/client/config", { GET: readClientConfig, POST: writeClientConfig }],
  ["/assets", { GET: readAssets }],
  ["/assignments", { GET: readAssignments }],
  ["/users", { GET: readUsers }],
  ["/users/create", { POST: createUsers }],
  ["/users/update", { POST: updateUsers }],
  ["/users/retire", { POST: retireUsers }],
  ["/assets/associate", { POST: associateAssets }],
  ["/assets/disassociate", { POST: disassociateAssets }],
  ["/assets/revoke", { POST: revokeAssets }],
  ["/status", { GET: readStatus }],
]);
