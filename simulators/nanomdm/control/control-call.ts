import { z } from "zod";
import { controlCallOf } from "../../http/control-call.js";
import { InputError } from "../../input-error.js";
import type { SimulatedDevice } from "../simulated-device.js";
import type { World } from "../world.js";

export const controlCall = controlCallOf<World>();

/** Names a device by its id, UDID or serial number. */
export const deviceInput = { device: z.string() };

/** @throws InputError when there is none. */
export function requireDevice(world: World, { device }: { device: string }): SimulatedDevice {
  const found = world.find(device);
  if (!found) throw new InputError(`There is no device "${device}"; GET /state lists them.`);
  return found;
}
