import type pg from "pg";
import type { Scene } from "./scene.js";

interface AppShare {
  adam_id: string;
  keys: string[];
}

/** Buys so many licences and assigns them by hand at Apple, to devices nobody has seen, in so many apps. */
export async function addAtApple(scene: Scene, count: number, apps: number): Promise<void> {
  const { rows } = await scene.session.query<{ adam_id: string }>(
    `SELECT adam_id FROM store_app WHERE device_assignable AND revocable AND total_count < 2147483647
     ORDER BY available_count DESC LIMIT $1`,
    [apps],
  );
  const each = Math.ceil(count / rows.length);
  let left = count;
  for (const { adam_id } of rows) {
    const serialNumbers = Array.from({ length: Math.min(each, left) }, (_, at) => `ADDED${adam_id}N${at}`);
    left -= serialNumbers.length;
    await scene.control("/purchase", { adamId: adam_id, count: serialNumbers.length });
    await scene.control("/assign", { adamId: adam_id, serialNumbers });
  }
}

/** Takes so many licences back by hand at Apple, spread evenly over so many apps. */
export async function removeAtApple(scene: Scene, count: number, apps: number): Promise<void> {
  for (const { adam_id, keys } of await holdersOf(scene.session, Math.ceil(count / apps), apps)) {
    await scene.control("/unassign", { adamId: adam_id, serialNumbers: keys });
  }
}

async function holdersOf(session: pg.Client, each: number, apps: number): Promise<AppShare[]> {
  const { rows } = await session.query<AppShare>(
    `SELECT app.adam_id, array_agg(holder.key) AS keys
     FROM (SELECT * FROM store_app WHERE device_assignable AND revocable ORDER BY held_count DESC, id LIMIT $2) app,
     LATERAL (SELECT holder_key AS key FROM license
              WHERE license.token_id = app.token_id AND store_app_id = app.id AND ended_at IS NULL AND holder_kind = 'DEVICE'
              ORDER BY id LIMIT $1) holder
     GROUP BY app.id, app.adam_id ORDER BY app.id`,
    [each, apps],
  );
  return rows;
}
