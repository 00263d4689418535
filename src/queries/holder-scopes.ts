import { type Scope, withTarget, withToken } from "./scopes.js";

/** Rows that name devices or people: who sees the token or target of such a row sees whom it names. */
interface Naming {
  readonly table: string;
  readonly owner: "token" | "target";
  /** What an index has those of one owner in the order of. */
  readonly order: string;
}

/** Holders of one kind, by the column that names them. */
interface Holders {
  readonly column: "device_id" | "user_id";
  readonly namings: readonly Naming[];
}

/** What stands in a row for a holder, and for which kind. */
type Place = readonly [column: string, holders: Holders];

const INSTALLATIONS: Naming = { table: "installation", owner: "token", order: "id" };
const ALIASES: Naming = { table: "holder_alias", owner: "target", order: "external_id" };
const DEVICES: Holders = {
  column: "device_id",
  namings: [{ table: "license", owner: "token", order: "id" }, INSTALLATIONS, ALIASES],
};
const USERS: Holders = {
  column: "user_id",
  namings: [{ table: "apple_user", owner: "token", order: "id" }, INSTALLATIONS, ALIASES],
};

const DEVICE: readonly Place[] = [["id", DEVICES]];
const USER: readonly Place[] = [["id", USERS]];
const MEMBER: readonly Place[] = [
  ["device_id", DEVICES],
  ["user_id", USERS],
];

/** Devices that hold or held a licence of their tokens, have an installation of one, or are known to their targets. */
export const deviceScope: Scope = (row, teams) => namedSql(DEVICE, row, teams);

/** People who are registered with their tokens, have an installation of one, or are known to their targets. */
export const userScope: Scope = (row, teams) => namedSql(USER, row, teams);

/** A member is seen if it is seen as a device or person. */
export const memberScope: Scope = (row, teams) => namedSql(MEMBER, row, teams);

const PLACES: ReadonlyMap<Scope, readonly Place[]> = new Map([
  [deviceScope, DEVICE],
  [userScope, USER],
  [memberScope, MEMBER],
]);

function namedSql(places: readonly Place[], row: string, teams: string): string {
  return anyNaming(places, row, ({ table, owner }, isNamed) => {
    const seen = (owner === "token" ? withToken : withTarget)("naming", teams);
    return `EXISTS (SELECT FROM ${table} naming WHERE ${isNamed} AND ${seen})`;
  });
}

/** The same for a row that a page meets: of EXISTS, PostgreSQL would make a table of all holders, whom the page does not come to. */
function walkedSql(places: readonly Place[], row: string, teams: string): string {
  return anyNaming(places, row, ({ table, owner }, isNamed) => {
    const owners = `ARRAY(SELECT scoped.id FROM ${owner} scoped WHERE scoped.teams && ${teams})`;
    return `(SELECT true FROM ${table} naming WHERE ${isNamed} AND naming.${owner}_id = ANY (${owners}) LIMIT 1)`;
  });
}

function anyNaming(places: readonly Place[], row: string, sqlOf: (naming: Naming, isNamed: string) => string): string {
  const all = places.flatMap(([place, { column, namings }]) =>
    namings.map((naming) => sqlOf(naming, `naming.${column} = ${row}.${place}`)),
  );
  return `(${all.join("\n  OR ")})`;
}

/** By so many rows at most are few holders named. */
const FEW = 2_000;

/** Teams with few holders: these are read first, and the list by them. With many, it is sooner walked until a page is full. */
export interface FewHolders {
  /** SQL of one row with the ids of all; of none if there are more than a few. */
  readonly read: (teams: string) => string;
  /** SQL for whether a row is of one of them. @param read the name under which they were read. */
  readonly includes: (row: string, read: string) => string;
  /** The scope of a row that a page of many meets. */
  readonly walked: Scope;
}

/** Null for what is no list of holders. */
export function fewHolders(scope: Scope): FewHolders | null {
  const places = PLACES.get(scope);
  if (!places) return null;
  return {
    read: (teams) => `SELECT * FROM ${places.map(([, holders]) => fewSql(holders, teams)).join(" CROSS JOIN ")}`,
    includes: (row, read) => {
      const sql = places.map(([place, { column }]) => `${row}.${place} = ANY((SELECT ${column} FROM ${read})::uuid[])`);
      return `(${sql.join(" OR ")})`;
    },
    walked: (row, teams) => walkedSql(places, row, teams),
  };
}

/** Each token or target by itself, in the order of an index: PostgreSQL cannot know beforehand how little is a team's. */
function fewSql({ column, namings }: Holders, teams: string): string {
  const places = namings.map(
    ({ table, owner, order }) => `
      SELECT naming.${column} FROM ${owner} scoped CROSS JOIN LATERAL (
        SELECT ${column} FROM ${table} WHERE ${owner}_id = scoped.id${owner === "target" ? ` AND ${column} IS NOT NULL` : ""}
        ORDER BY ${order} LIMIT ${FEW + 1}) naming
      WHERE scoped.teams && ${teams}`,
  );
  return `(SELECT array_agg(DISTINCT ${column}) AS ${column}
    FROM (SELECT * FROM (${places.join(" UNION ALL ")}) AS namings LIMIT ${FEW + 1}) AS namings
    HAVING count(*) <= ${FEW}) AS few_${column}`;
}
