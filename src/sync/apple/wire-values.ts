import { z } from "zod";
import { UNLIMITED } from "../../entities/store-app.js";
import { parseAppleDate } from "./apple-date.js";

/*
 * How single values of Apple's answers become ours. Numbers may come as texts and texts as numbers; a number that
 * JavaScript cannot hold exactly is refused, since it would be another one.
 */

/** Far beyond any id of Apple's; one of more than 2,700 bytes fits no index, and would end each reading in the middle. */
const LONGEST_ID = 500;

export function isStorableId(id: string): boolean {
  return id.length <= LONGEST_ID;
}

const text = z.union([z.string(), z.int()]).transform(String);
export const filledText = text
  .refine((value) => value !== "", "must not be empty")
  .refine(isStorableId, `must have ${LONGEST_ID} characters at most`);
export const textOrNull = text.nullish().transform((value) => value || null);
export const idOrNull = textOrNull.refine(
  (value) => value === null || isStorableId(value),
  `must have ${LONGEST_ID} characters at most`,
);

export const texts = z
  .array(text)
  .nullish()
  .transform((values) => values ?? []);

const digits = z
  .string()
  .regex(/^-?\d+$/, "must be a number")
  .transform(Number);

export const wholeNumber = z.union([z.int(), digits.pipe(z.int())]);

/** More than anybody buys of one app, and so far from the end of an integer that four of them can be added up in SQL. */
const LARGEST_COUNT = 500_000_000;

/**
 * A count of licences. One that cannot be is for the reader of the app to judge, so that it spoils no list: it is kept
 * as a negative or very large number, and never becomes "without a bound".
 */
export const count = z.union([z.number(), digits]).transform((value) => {
  if (value === UNLIMITED) return UNLIMITED;
  return Math.trunc(Math.min(Math.max(value, -LARGEST_COUNT), LARGEST_COUNT));
});

export const date = z
  .string()
  .nullish()
  .transform((value) => (value ? parseAppleDate(value) : null));
