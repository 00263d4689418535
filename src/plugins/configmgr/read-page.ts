import { z } from "zod";
import { PluginError } from "../contract.js";
import type { AdminService, Query } from "./admin-service.js";
import { queryOf } from "./odata.js";

/** What a class is paged by. */
export interface Listing<Shape extends z.ZodType> {
  readonly name: string;
  readonly shape: Shape;
  readonly query: Query;
  /** The property that orders the rows and is a row's own. */
  readonly key: string;
  /** Rows a page. No round number: a whole listing of exactly this length is told from a page only by luck. */
  readonly size: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
  /** On the last page: whether this is all there is, as far as the site's answers prove it. */
  readonly complete: boolean;
}

/**
 * Where a listing is. The documentation does not say which options of paging the wmi route knows, so pages are asked for by
 * `$top` and `$skip`, links of the server are followed, and a site that ignores or refuses the options is asked for all.
 */
const place = z.object({
  /** Rows in the windows before this one; null: all is asked for at once. */
  skip: z.number().nullable(),
  /** Rows of this window so far. */
  got: z.number(),
  /** The key of the first row of the window before: the same one again means that `$skip` is ignored. */
  first: z.unknown(),
  /** The query of the server's own link. */
  link: z.string().nullable(),
});
type Place = z.infer<typeof place>;

const START: Place = { skip: 0, got: 0, first: null, link: null };
const ALL_AT_ONCE: Place = { skip: null, got: 0, first: null, link: null };

/** @throws PluginError as the AdminService does; `internal` for a cursor of somebody else's. */
export async function readPage<Shape extends z.ZodType>(
  service: AdminService,
  listing: Listing<Shape>,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<z.output<Shape>>> {
  return readFrom(service, listing, cursor === null ? START : readCursor(cursor), signal);
}

async function readFrom<Shape extends z.ZodType>(
  service: AdminService,
  listing: Listing<Shape>,
  at: Place,
  signal: AbortSignal,
): Promise<Page<z.output<Shape>>> {
  const part = await service.part(listing.name, listing.shape, at.link ?? queryAt(listing, at), signal);
  if (part === null) {
    if (at.skip !== null) return readFrom(service, listing, ALL_AT_ONCE, signal);
    throw new PluginError("rejected", `The site does not understand a query of ${listing.name}.`, {
      vendorCode: "400",
    });
  }
  const first = keyOf(part.rows[0], listing.key);
  const isFirstOfWindow = at.link === null && at.skip !== null && at.skip > 0;
  if (isFirstOfWindow && first !== null && first === at.first) return readFrom(service, listing, ALL_AT_ONCE, signal);
  const next = placeAfter(listing, at, part, first);
  if (next !== null) return { rows: part.rows, next: JSON.stringify(next), complete: false };
  const isCertain = at.skip !== null || part.rows.length !== listing.size;
  return { rows: part.rows, next: null, complete: isCertain };
}

function placeAfter(
  { size }: Listing<z.ZodType>,
  at: Place,
  { rows, next }: { rows: readonly unknown[]; next: string | null },
  first: unknown,
): Place | null {
  const got = at.got + rows.length;
  const firstOfWindow = at.link === null ? first : at.first;
  if (next !== null) return { ...at, got, first: firstOfWindow, link: next };
  // More than was asked for is all: the site does not know `$top`.
  if (at.skip === null || got !== size) return null;
  return { skip: at.skip + got, got: 0, first: firstOfWindow, link: null };
}

function queryAt({ query: { filter, select }, key, size }: Listing<z.ZodType>, { skip }: Place): string {
  const options = { $filter: filter, $select: select?.join(",") };
  return queryOf(skip === null ? options : { ...options, $orderby: key, $top: size, $skip: skip });
}

function keyOf(row: unknown, key: string): unknown {
  return typeof row === "object" && row !== null && key in row ? row[key as keyof typeof row] : null;
}

function readCursor(cursor: string): Place {
  try {
    return place.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new PluginError("internal", "This is no cursor of a listing of Configuration Manager.", { cause });
  }
}
