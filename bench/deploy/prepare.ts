import { setTimeout as sleep } from "node:timers/promises";
import type { Setting } from "../support/setting.js";

const LOOK_EVERY_MS = 100;

/** What a deployment is made of, by global id. */
export interface Prepared {
  readonly storeApp: string;
  readonly collection: string;
  readonly target: string;
}

/** A token with one app for devices, and a pretended MDM without delay whose devices have no users. */
export async function prepare(setting: Setting, devices: number): Promise<Prepared> {
  const { ask, session } = setting;
  await setting.addToken();
  await until(session, "SELECT 1 FROM sync_run WHERE state = 'SUCCEEDED'");
  await until(session, "SELECT 1 FROM token WHERE health_state = 'ACTIVE'");
  const { addTarget } = await ask<{ addTarget: { target: { id: string } } }>(
    'mutation ($settings: JSONObject!) { addTarget(input: { plugin: "mock", name: "Bench", settings: $settings }) { target { id } } }',
    { settings: { users: 0, devices: 0, userless: devices, invitedEvery: 0, installMs: 0, latencyMs: 0 } },
  );
  const target = addTarget.target.id;
  await ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", { target });
  await until(session, `SELECT 1 FROM collection_member WHERE device_id IS NOT NULL HAVING count(*) >= ${devices}`);
  await until(session, "SELECT 1 FROM target WHERE holders_imported_at IS NOT NULL");
  const { storeApps, collections } = await ask<{
    storeApps: { nodes: { id: string; deviceAssignable: boolean; freeCount: number }[] };
    collections: { nodes: { id: string; members: { totalCount: number } }[] };
  }>(
    `{ storeApps { nodes { id deviceAssignable freeCount } }
       collections(filter: { kind: DEVICE }) { nodes { id members { totalCount } } } }`,
    {},
  );
  const app = storeApps.nodes.find(({ deviceAssignable, freeCount }) => deviceAssignable && freeCount >= devices);
  const collection = collections.nodes.find(({ members }) => members.totalCount === devices);
  if (!app || !collection) throw new Error("There is no app with enough licences, or no collection of all devices");
  return { storeApp: app.id, collection: collection.id, target };
}

async function until(session: Setting["session"], question: string): Promise<void> {
  while ((await session.query(question)).rows.length === 0) await sleep(LOOK_EVERY_MS);
}
