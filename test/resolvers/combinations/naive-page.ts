import { encodeGlobalId } from "../../../src/entities/global-id.js";
import type { NaiveList, Row, World } from "./naive-lists.js";

export interface Asked {
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly orderBy?: { readonly field: string; readonly direction: "ASC" | "DESC" };
}

/** All that a list holds, filtered and sorted one by one in memory: the ids in their order. */
export function naiveList(list: NaiveList, world: World, { filter = {}, orderBy }: Asked): string[] {
  const asked = Object.entries({ ...list.unless, ...filter });
  const rows = (world.get(list.entity.name) ?? []).filter((row) =>
    asked.every(([name, value]) => meets(list, row, world, name, value)),
  );
  const [property, direction] = orderBy ? [propertyOf(orderBy.field), orderBy.direction] : list.defaultOrder;
  const own = orderBy && list.orders?.[orderBy.field];
  const places = rows.map((row) => ({
    row,
    place: [property === null ? 0 : (own ?? at(property))(row), ...keyOf(row)],
  }));
  places.sort((one, other) => compare(one.place, other.place) * (direction === "ASC" ? 1 : -1));
  return places.map(({ row }) => row.globalId);
}

const at = (property: string) => (row: Row) => row[property];

/** STARTED_AT is `startedAt`. */
function propertyOf(field: string): string {
  return field.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function meets(list: NaiveList, row: Row, world: World, name: string, value: unknown): boolean {
  const own = list.filters[name];
  if (own) return own(row, value as never, world);
  const reference = REFERENCES[name]?.(row);
  if (reference !== undefined) return reference === value;
  return Array.isArray(value) ? value.includes(row[name]) : row[name] === value;
}

const ofToken = (type: string, column: string) => (row: Row) =>
  encodeGlobalId(type, `${row.tokenId}`, `${row[column]}`);
const alone = (type: string, column: string) => (row: Row) => encodeGlobalId(type, `${row[column]}`);

/** To what a filter of that name refers. */
const REFERENCES: Readonly<Record<string, (row: Row) => string>> = {
  token: alone("Token", "tokenId"),
  storeApp: ofToken("StoreApp", "storeAppId"),
  deployment: ofToken("Deployment", "deploymentId"),
  device: alone("Device", "deviceId"),
  user: alone("User", "userId"),
  target: alone("Target", "targetId"),
  collection: alone("Collection", "collectionId"),
};

function keyOf(row: Row): unknown[] {
  return "tokenId" in row && /^\d+$/.test(`${row.id}`) ? [row.tokenId, BigInt(`${row.id}`)] : [row.id];
}

/** What has no value is behind everything. */
function compare(one: readonly unknown[], other: readonly unknown[]): number {
  for (const [place, value] of one.entries()) {
    const against = other[place];
    if (value === against || Number(value) === Number(against)) continue;
    if (value === null) return 1;
    if (against === null) return -1;
    if ((value as string) !== (against as string)) return (value as string) < (against as string) ? -1 : 1;
  }
  return 0;
}
