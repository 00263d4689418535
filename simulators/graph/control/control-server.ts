import type { Server } from "node:http";
import { serveControlCalls } from "../../http/serve-control-calls.js";
import type { World } from "../world.js";
import { appCalls } from "./app-calls.js";
import { deviceCalls } from "./device-calls.js";
import { graphDisturbanceCalls } from "./disturbance-calls.js";
import { groupCalls } from "./group-calls.js";
import { stateCall } from "./state-call.js";
import { tenantCalls } from "./tenant-calls.js";
import { tokenCalls } from "./token-calls.js";

export function createControlServer(world: World): Server {
  return serveControlCalls(world, [
    stateCall,
    ...tenantCalls,
    ...deviceCalls,
    ...groupCalls,
    ...appCalls,
    ...tokenCalls,
    ...graphDisturbanceCalls,
  ]);
}
