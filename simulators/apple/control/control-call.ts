import { type ControlCall as AnyControlCall, controlCallOf } from "../../http/control-call.js";
import type { World } from "../world.js";

export type ControlCall = AnyControlCall<World>;

export const controlCall = controlCallOf<World>();
