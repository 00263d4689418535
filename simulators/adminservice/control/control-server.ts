import type { Server } from "node:http";
import { serveControlCalls } from "../../http/serve-control-calls.js";
import type { Steered } from "./control-call.js";
import { deviceCalls } from "./device-calls.js";
import { siteDisturbanceCalls } from "./disturbance-calls.js";
import { siteCalls } from "./site-calls.js";
import { stateCall } from "./state-call.js";

export function createControlServer(steered: Steered): Server {
  return serveControlCalls(steered, [stateCall, ...siteCalls, ...deviceCalls, ...siteDisturbanceCalls]);
}
