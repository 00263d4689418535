import { z } from "zod";
import { InputError } from "../input-error.js";

/** One call of a simulator's control plane. */
export interface ControlCall<World> {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly about: string;
  /** JSON Schema of the body (of the query for a GET). */
  readonly input: object;
  /** @throws InputError for input that does not fit. */
  run(world: World, input: unknown): object | Promise<object>;
}

interface Definition<World, Schema extends z.ZodType> {
  method: "GET" | "POST";
  path: string;
  about: string;
  input: Schema;
  run(world: World, input: z.output<Schema>): object | Promise<object>;
}

/** What makes the calls of one simulator's control plane, whose world is of that type. */
export function controlCallOf<World>() {
  return <Schema extends z.ZodType>(definition: Definition<World, Schema>): ControlCall<World> => {
    const { method, path, about, input } = definition;
    return {
      method,
      path,
      about,
      input: z.toJSONSchema(input, { io: "input" }),
      run: (world, value) => {
        const parsed = input.safeParse(value);
        if (!parsed.success) throw new InputError(problems(parsed.error));
        return definition.run(world, parsed.data);
      },
    };
  };
}

function problems(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}
