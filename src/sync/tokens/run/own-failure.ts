import type { Core } from "../../core.js";
import type { RunFailure } from "./after-failure.js";

/** PostgreSQL's classes of what is wrong with a statement or with what it writes, and would be so the next time. */
const WRONG = /^(22|23|42|54)/;

/**
 * What is to be said of a run that neither Apple nor a product has made fail, but we: it must be seen, and come to an end, as
 * any other failure. Null where the database is away or wants it once more, which a new beginning of the job mends.
 */
export function ownFailure({ clock, log }: Core, tokenId: string, error: unknown): RunFailure | null {
  const code = sqlState(error);
  const foreseen = code === null ? !(error instanceof TypeError || error instanceof RangeError) : !WRONG.test(code);
  if (foreseen) return null;
  const incident = clock.uuid();
  log.error({ tokenId, incident, error }, "A synchronisation failed for a reason nobody foresaw");
  const message = `Something went wrong inside the service. Its log says what, under ${incident}.`;
  return { message, passing: true, retryAfterMs: undefined };
}

/** PostgreSQL's five characters; null for what is none of its errors. */
function sqlState(error: unknown): string | null {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}
