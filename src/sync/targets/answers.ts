import { z } from "zod";
import { type ListPage, MAX_CURSOR_CHARACTERS, PluginError } from "../../plugins/contract.js";

const PAGE = z.object({ records: z.array(z.unknown()), next: z.string().max(MAX_CURSOR_CHARACTERS).nullable() });

/**
 * An answer of a plugin as its shape says: parsed, not trusted.
 * @param what the answer's name in a sentence, such as "its check".
 * @throws PluginError `internal`, naming what is wrong.
 */
export function readAnswer<T>(shape: z.ZodType<T>, answer: unknown, what: string): T {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new PluginError("internal", `The plugin's answer breaks its contract: ${what}: ${place}${issue?.message}.`);
}

/** A list of at most so many things. @throws PluginError `internal`. */
export function readList(answer: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(answer)) {
    throw new PluginError("internal", `The plugin's answer breaks its contract: ${what}: this is no list.`);
  }
  if (answer.length <= most) return answer;
  throw new PluginError(
    "internal",
    `The plugin answers with more than is taken: ${answer.length} ${what}, where at most ${most} are.`,
  );
}

/** A page of a list, as far as it is one; its records are still to be read. @throws PluginError `internal`. */
export function readPage(answer: unknown, what: string, most: number): ListPage<unknown> {
  const page = readAnswer(PAGE, answer, `a page of ${what}`);
  readList(page.records, `${what} on one page`, most);
  return page;
}
