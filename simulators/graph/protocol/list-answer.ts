import { type Answer, json } from "./answer.js";
import { parseFilter } from "./filter.js";
import { badRequest } from "./graph-error.js";
import type { GraphRequest } from "./graph-request.js";

type Row = Readonly<Record<string, unknown>>;

/**
 * A page of a collection: `$filter`, `$select`, `$top` as a hint, and a next link whose token means something to this
 * server alone.
 */
export function listAnswer(request: GraphRequest, rows: readonly Row[], defaultPageSize?: number): Answer {
  const { query } = request;
  const filter = query.get("$filter");
  const found = filter === null ? rows : rows.filter(parseFilter(filter));
  const start = startOf(query.get("$skiptoken"));
  const size = pageSizeOf(query.get("$top"), defaultPageSize ?? request.world.switches.pageSize, request);
  const page = found.slice(start, start + size).map((row) => selected(row, query.get("$select")));
  const counts = query.get("$count") === "true" ? { "@odata.count": found.length } : {};
  const next = start + size < found.length ? { "@odata.nextLink": nextLink(request, start + size) } : {};
  return json({ "@odata.context": `${request.origin}/${request.version}/$metadata`, ...counts, ...next, value: page });
}

/** An entity with only what `$select` names. */
export function selected(row: Row, select: string | null): Row {
  if (select === null) return row;
  const names = new Set(select.split(",").map((name) => name.trim()));
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => name.startsWith("@") || name === "id" || names.has(name)),
  );
}

function pageSizeOf(top: string | null, pageSize: number, { world }: GraphRequest): number {
  if (top === null) return pageSize;
  if (!/^[1-9]\d{0,3}$/.test(top) || Number(top) > 1000) throw badRequest("Invalid value for the query option '$top'.");
  // A hint: a server with small pages stays with them.
  return Math.min(Number(top), Math.max(world.switches.pageSize, pageSize));
}

function startOf(token: string | null): number {
  if (token === null) return 0;
  const offset = /^sim(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8"))?.[1];
  if (offset === undefined) throw badRequest("Skip token is invalid or has expired.");
  return Number(offset);
}

function nextLink({ origin, version, path, query, world }: GraphRequest, offset: number): string {
  const link = new URL(`${world.switches.nextLinkOrigin || origin}/${version}${path}`);
  for (const [name, value] of query) link.searchParams.set(name, value);
  link.searchParams.set("$skiptoken", Buffer.from(`sim${offset}`).toString("base64url"));
  return link.href;
}
