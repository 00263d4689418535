import { describeError } from "./describe-error.js";

/** What went wrong, for who started something: a sentence without a stack, and without what `describeError` leaves out. */
export function errorSentence(error: unknown): string {
  // Of a failure to connect to several addresses of one name, each has its own words, and the whole has none.
  const told = describeError(error instanceof AggregateError ? error.errors[0] : error);
  const { message, code } =
    typeof told === "string" ? { message: told } : (told as { message?: string; code?: string });
  const words = message || code || "It failed for a reason that nobody foresaw";
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
