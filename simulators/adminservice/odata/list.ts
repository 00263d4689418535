import type { Switches } from "../switches.js";
import type { Answer, Call } from "./answer.js";
import { parseFilter, type Row } from "./filter.js";
import { ODataError } from "./odata-error.js";

/** What the provider calls itself, whoever asks. */
const OWN_ROOT = "https://provider.site.example/AdminService/wmi";

/** Rows of a class as a list: filtered, in order, a page of them, without what only a keyed GET shows. */
export function listAnswer(
  { root, query }: Call,
  name: string,
  rows: readonly Row[],
  lazy: readonly string[],
  switches: Switches,
): Answer {
  const filter = query.get("$filter");
  const wanted = filter === null ? rows : rows.filter(parseFilter(filter));
  const { page, next } = pageOf(ordered(wanted, query, switches), query, switches);
  const context = `${root}/$metadata#${name}`;
  const link =
    next === null
      ? {}
      : { "@odata.nextLink": nextLink(switches.linkHost === "own" ? OWN_ROOT : root, name, query, next, page.length) };
  return {
    status: 200,
    body: { "@odata.context": context, ...link, value: page.map((row) => shown(withoutLazy(row, lazy), query)) },
  };
}

/** The fields that are there only for who asks for one by its key, named as the product does. */
function withoutLazy(row: Row, lazy: readonly string[]): Row {
  const kept = Object.entries(row).filter(([name]) => !lazy.includes(name));
  return { ...Object.fromEntries(kept), __LAZYPROPERTIES: [...lazy] };
}

/** `$select`, by which the keys of the entity's own kind do not suffer. */
export function shown(row: Row, query: URLSearchParams): Row {
  const select = query.get("$select");
  if (select === null) return row;
  const names = select.split(",").map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => name.startsWith("@") || names.includes(name.toLowerCase())),
  );
}

function ordered(rows: readonly Row[], query: URLSearchParams, { paging }: Switches): readonly Row[] {
  const by = query.get("$orderby");
  if (by === null || paging === "ignored") return rows;
  return [...rows].sort((a, b) => {
    const [one, other] = [a[by], b[by]];
    return typeof one === "number" && typeof other === "number"
      ? one - other
      : String(one).localeCompare(String(other));
  });
}

function pageOf(
  rows: readonly Row[],
  query: URLSearchParams,
  { paging, pageSize }: Switches,
): { page: readonly Row[]; next: number | null } {
  const [top, skip] = [count(query, "$top"), count(query, "$skip") ?? 0];
  const isPaged = top !== null || query.has("$skip") || query.has("$orderby");
  switch (paging) {
    case "ignored":
      return { page: rows, next: null };
    case "refused":
      if (isPaged) throw new ODataError(400, "The query option is not supported.");
      return { page: rows, next: null };
    case "topOnly":
      return { page: rows.slice(0, top ?? rows.length), next: null };
    case "topSkip":
      return { page: rows.slice(skip, top === null ? undefined : skip + top), next: null };
    case "nextLink": {
      const start = count(query, "$skiptoken") ?? skip;
      const end = start + Math.min(pageSize, top ?? pageSize);
      const last = top === null ? rows.length : Math.min(rows.length, start + top);
      return { page: rows.slice(start, end), next: end < last ? end : null };
    }
  }
}

function count(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw new ODataError(400, `${name} must be a number.`);
  return Number(text);
}

function nextLink(root: string, name: string, query: URLSearchParams, next: number, sent: number): string {
  const following = new URLSearchParams(query);
  const top = count(query, "$top");
  if (top !== null) following.set("$top", String(top - sent));
  following.delete("$skip");
  following.set("$skiptoken", String(next));
  return `${root}/${name}?${following}`;
}
