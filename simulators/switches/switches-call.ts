import type { z } from "zod";
import { type ControlCall, controlCallOf } from "../http/control-call.js";
import { turnSwitches } from "./turn-switches.js";

/**
 * The call that turns a simulator's switches.
 * @param of where a world has them.
 * @param input what they accept.
 */
export function switchesCall<World>(of: (world: World) => object, input: z.ZodObject): ControlCall<World> {
  return controlCallOf<World>()({
    method: "POST",
    path: "/switches",
    about: "Turns the named switches; the others stay. Answers all.",
    input,
    run: (world, given) => {
      turnSwitches(of(world), given);
      return of(world);
    },
  });
}
