import { z } from "zod";

/** PostgreSQL's text cannot hold these: U+0000, and half of a character. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** By which a target names something: to leave a character out would name something else. */
export const storableId = z
  .string()
  .refine((text) => !UNSTORABLE.test(text), "holds a character that cannot be stored");

/** What describes something: a character that cannot be stored is left out. Inventories pad names with U+0000. */
export const storableText = z.string().transform((told) => told.replaceAll(new RegExp(UNSTORABLE, "gu"), ""));
