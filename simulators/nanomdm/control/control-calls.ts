import type { ControlCall } from "../../http/control-call.js";
import type { World } from "../world.js";
import { appCalls } from "./app-calls.js";
import { deviceCalls } from "./device-calls.js";
import { serverCalls } from "./server-calls.js";
import { stateCall } from "./state-call.js";

/** Every call by which the simulator is steered. */
export const controlCalls: readonly ControlCall<World>[] = [stateCall, ...deviceCalls, ...appCalls, ...serverCalls];
