import { z } from "zod";
import { MAX_HANDLE_BYTES, MAX_ID_BYTES, MAX_TEXT_CHARACTERS } from "../../plugins/contract.js";

/** PostgreSQL's text cannot hold these: U+0000, and half of a character. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/**
 * By which a target names something: to leave a character out, or to cut it, would name something else. What is looked up must
 * fit into an index of PostgreSQL, whose entries have at most 2,704 bytes.
 */
export const storableId = idOf(MAX_ID_BYTES);

/** The same for what may be longer. */
export const storableHandle = idOf(MAX_HANDLE_BYTES);

/** What describes something: a character that cannot be stored is left out. Inventories pad names with U+0000. */
export const storableText = z.string().transform(toStorableText);

/** The same for what also tells one person or device from another, such as a serial number: it is never cut. */
export const storableName = z
  .string()
  .transform(withoutUnstorable)
  .refine((text) => Buffer.byteLength(text) <= MAX_ID_BYTES, `is longer than ${MAX_ID_BYTES} bytes`);

/** The database's calendar begins later than that of JavaScript; "never" is the year 1 to some products. */
export const storableTime = z.date().min(new Date("0001-01-01T00:00:00Z"));

export function toStorableText(told: string): string {
  // Cut before it is searched, and once more so that no half of a character is left at the end.
  const text = withoutUnstorable(told.slice(0, MAX_TEXT_CHARACTERS));
  return told.length > MAX_TEXT_CHARACTERS ? `${text}…` : text;
}

function withoutUnstorable(told: string): string {
  return told.replaceAll(new RegExp(UNSTORABLE, "gu"), "");
}

function idOf(longestBytes: number): z.ZodString {
  return z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= longestBytes, `is longer than ${longestBytes} bytes`)
    .refine((text) => !UNSTORABLE.test(text), "holds a character that cannot be stored");
}
