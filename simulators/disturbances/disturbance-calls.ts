import { z } from "zod";
import { type ControlCall, controlCallOf } from "../http/control-call.js";

/** What these calls steer of `Disturbances`. */
interface Steered<Match> {
  slowMs: number;
  hold(match: Match): void;
  release(): number;
}

/**
 * The calls by which every simulator's requests are slowed down, held and released.
 * @param of where a world has its disturbances.
 * @param match which requests are held, as the simulator names them.
 */
export function disturbanceCalls<World, Match extends z.ZodObject>(
  of: (world: World) => Steered<z.output<Match>>,
  match: Match,
): ControlCall<World>[] {
  const controlCall = controlCallOf<World>();
  return [
    controlCall({
      method: "POST",
      path: "/slow",
      about: "Each request waits that long before it is handled; 0 ends it.",
      input: z.strictObject({ ms: z.int().min(0).max(600_000) }),
      run: (world, { ms }) => {
        of(world).slowMs = ms;
        return { slowMs: ms };
      },
    }),
    controlCall({
      method: "POST",
      path: "/hold",
      about: "Matching requests take effect and then wait unanswered until /release.",
      input: match,
      run: (world, held) => {
        of(world).hold(held);
        return { holding: held };
      },
    }),
    controlCall({
      method: "POST",
      path: "/release",
      about: "Ends every hold and answers the requests that waited.",
      input: z.strictObject({}),
      run: (world) => ({ released: of(world).release() }),
    }),
  ];
}
