import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { secondsOf } from "../support/seconds-of.js";

/** What a synchronisation writes, in an order that foreign keys allow. */
const TABLES = ["store_app", "apple_user", "license"] as const;

/** Their foreign keys, to each other's copies and to tables that a synchronisation does not write. */
const FOREIGN_KEYS = `
  ALTER TABLE copied.store_app ADD FOREIGN KEY (token_id) REFERENCES token (id) ON DELETE CASCADE;
  ALTER TABLE copied.apple_user ADD FOREIGN KEY (token_id) REFERENCES token (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE SET NULL;
  ALTER TABLE copied.license
    ADD FOREIGN KEY (token_id, store_app_id) REFERENCES copied.store_app (token_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (device_id) REFERENCES device (id),
    ADD FOREIGN KEY (token_id, apple_user_id) REFERENCES copied.apple_user (token_id, id)`;

/** The quicker of two: the harder limit. */
const ROUNDS = 2;

/**
 * Seconds that COPY takes to bring the rows that a synchronisation has written into empty copies of their tables, with the
 * same columns, indexes, checks and foreign keys, from files, each table in one statement that commits by itself.
 */
export async function measureCopy(session: pg.Client, directory: string): Promise<number> {
  const file = (table: string) => join(directory, `${table}.copy`);
  for (const table of TABLES) {
    await pipeline(session.query(copyTo(`COPY ${table} TO STDOUT`)), createWriteStream(file(table)));
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= ROUNDS; round += 1) {
    await makeCopies(session);
    const seconds = await secondsOf(async () => {
      for (const table of TABLES) {
        await pipeline(createReadStream(file(table)), session.query(copyFrom(`COPY copied.${table} FROM STDIN`)));
      }
    });
    best = Math.min(best, seconds);
  }
  await session.query("DROP SCHEMA copied CASCADE");
  for (const table of TABLES) await rm(file(table));
  await session.query("CHECKPOINT");
  return best;
}

async function makeCopies(session: pg.Client): Promise<void> {
  await session.query("DROP SCHEMA IF EXISTS copied CASCADE; CREATE SCHEMA copied");
  for (const table of TABLES) await session.query(`CREATE TABLE copied.${table} (LIKE ${table} INCLUDING ALL)`);
  await session.query(FOREIGN_KEYS);
  await session.query("CHECKPOINT");
}
