import { controlCallOf } from "../../http/control-call.js";
import type { World } from "../world.js";

export const controlCall = controlCallOf<World>();
