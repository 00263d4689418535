import type { z } from "zod";
import { InputError } from "../input-error.js";

/**
 * The switches of a command line.
 * @param example a JSON text that would do.
 * @throws InputError for what is no JSON, or does not fit.
 */
export function readSwitches<Shape extends z.ZodType>(text: string, shape: Shape, example: string): z.output<Shape> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`--switches must be JSON such as ${example}.`);
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `--switches: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`.trim()).join("; ")}`,
  );
}
