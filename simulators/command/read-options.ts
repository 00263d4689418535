import { parseArgs } from "node:util";
import { InputError } from "../input-error.js";

type Read<Usual> = { readonly [Name in keyof Usual]: Usual[Name] extends string ? string : string | undefined };

/**
 * The options of a command line, `--name value`, as texts.
 * @param usual what each option is when it is left out.
 * @throws InputError for an option that is not among them, or has no value.
 */
export function readOptions<const Usual extends Readonly<Record<string, string | undefined>>>(
  args: string[],
  usual: Usual,
): Read<Usual> {
  const option = (text: string | undefined) => ({
    type: "string" as const,
    ...(text === undefined ? {} : { default: text }),
  });
  const options = Object.fromEntries(Object.entries(usual).map(([name, text]) => [name, option(text)]));
  try {
    return parseArgs({ args, options }).values as Read<Usual>;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}
