import type pg from "pg";
import type { Key, Operation } from "./operations/operation.js";

/** At most so many of a kind: more requests than a round can make. */
const MOST = 20_000;
/** Apps on a page. */
export const PAGE = 50;
/** From one place in the list of apps to the next. */
const PLACES_APART = 9;

/** A place in the list of apps by name: how many lie before it, and the name, the token and the id of the last of those. */
export interface Place {
  readonly before: number;
  readonly after: readonly [name: string, tokenId: string, id: string];
}

/** What the requests are about, spread over the whole tables. */
export interface Subjects {
  readonly keys: Readonly<Record<Exclude<Operation["over"], "places">, readonly Key[]>>;
  readonly places: readonly Place[];
}

export async function readSubjects(session: pg.Client): Promise<Subjects> {
  const keys = async (sql: string): Promise<Key[]> => {
    const { rows } = await session.query<[string, ...string[]]>({ text: sql, rowMode: "array" });
    const step = Math.ceil(rows.length / MOST);
    return rows.filter((_, at) => at % step === 0);
  };
  return {
    keys: {
      StoreApp: await keys("SELECT token_id, id::text FROM store_app ORDER BY token_id, id"),
      Device: await keys("SELECT id FROM device ORDER BY id"),
      Deployment: await keys("SELECT token_id, id::text FROM deployment ORDER BY token_id, id"),
    },
    places: await readPlaces(session),
  };
}

async function readPlaces(session: pg.Client): Promise<Place[]> {
  const { rows } = await session.query<[name: string, tokenId: string, id: string]>({
    text: "SELECT name, token_id, id::text FROM store_app ORDER BY name, token_id, id",
    rowMode: "array",
  });
  const first: Place = { before: 0, after: ["", "00000000-0000-0000-0000-000000000000", "0"] };
  const later = rows.map((after, at): Place => ({ before: at + 1, after }));
  return [first, ...later].filter(({ before }) => before % PLACES_APART === 0 && before <= rows.length - PAGE);
}
