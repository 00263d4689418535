import type { Server } from "node:http";
import { serveControlCalls } from "../../http/serve-control-calls.js";
import type { World } from "../world.js";
import { assetCalls } from "./asset-calls.js";
import { assignmentCalls } from "./assignment-calls.js";
import { appleDisturbanceCalls } from "./disturbance-calls.js";
import { eventCalls } from "./event-calls.js";
import { locationCall } from "./location-call.js";
import { peopleCalls } from "./people-calls.js";
import { stateCall } from "./state-call.js";
import { stockCalls } from "./stock-calls.js";
import { tokenCalls } from "./token-calls.js";

export function createControlServer(world: World, addLocation: Parameters<typeof locationCall>[0]): Server {
  return serveControlCalls(world, [
    stateCall,
    locationCall(addLocation),
    ...tokenCalls,
    ...stockCalls,
    ...assignmentCalls,
    ...assetCalls,
    ...peopleCalls,
    ...eventCalls,
    ...appleDisturbanceCalls,
  ]);
}
