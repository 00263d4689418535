import { parseAppleDate } from "./apple-date.js";
import type { MdmInfo } from "./wire.js";

/** What every authenticated answer tells of the location behind the token, whatever was asked. */
export interface AnsweredLocation {
  /** Apple's `uId`; null where the answer does not have it. */
  readonly locationId: string | null;
  /** Who holds the location; null when nobody does, or the answer does not tell. */
  readonly mdmInfo: MdmInfo | null;
  /** When the token expires; null where Apple leaves it out. */
  readonly expiresAt: Date | null;
  /** The answer had an `mdmInfo`, null included: without one it says nothing of who holds the location. */
  readonly told: boolean;
}

/**
 * Reads the fields that Apple documents for every authenticated answer. They are beside what was asked for, so that none
 * of them can spoil an answer: what cannot be read counts as not told.
 */
export function answeredLocation(body: Readonly<Record<string, unknown>>): AnsweredLocation {
  const { uId, mdmInfo, tokenExpirationDate } = body;
  const holder = typeof mdmInfo === "object" && mdmInfo !== null && !Array.isArray(mdmInfo);
  return {
    locationId: textOf(uId),
    mdmInfo: holder ? mdmInfoOf(mdmInfo as Record<string, unknown>) : null,
    expiresAt: typeof tokenExpirationDate === "string" ? parseAppleDate(tokenExpirationDate) : null,
    told: holder || mdmInfo === null,
  };
}

/** Nobody holds a location without an id. */
function mdmInfoOf({ id, name, metadata }: Record<string, unknown>): MdmInfo | null {
  const known = textOf(id);
  return known === null ? null : { id: known, name: textOf(name) ?? "", metadata: textOf(metadata) ?? "" };
}

/** Ids come as texts or numbers; a number that JavaScript cannot hold exactly would be another id. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value || null;
  return Number.isSafeInteger(value) ? String(value) : null;
}
