import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import pg from "pg";
import type { SwitchesInput } from "../../../../simulators/apple/switches.js";
import { HolderKind } from "../../../../src/entities/license.js";
import { SyncMode, SyncTrigger } from "../../../../src/entities/sync-run.js";
import { addNotificationRoute } from "../../../../src/http/notification-route.js";
import type { Core } from "../../../../src/sync/core.js";
import { claimLicenses } from "../../../../src/sync/licenses/claim-licenses.js";
import { returnLicenses } from "../../../../src/sync/licenses/return-licenses.js";
import { requestSync } from "../../../../src/sync/tokens/request-sync.js";
import { startWorker } from "../../../../src/sync/worker.js";
import { eventually } from "../../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "../../tokens/token-world.js";

/** How Apple's notifications travel, as the simulator's switches say. */
export type Weather = Pick<
  SwitchesInput,
  | "notificationLoss"
  | "notificationDuplicates"
  | "notificationDelayMs"
  | "notificationReorder"
  | "notificationBeforeStatus"
  | "notificationRetryMs"
>;

/** A token that is synchronised, with a worker and the route that Apple calls: everything but the clock and the API. */
export interface WeatherWorld extends TokenWorld {
  /** The ids of the simulator's apps. */
  readonly adamIds: readonly string[];
  claim(adamId: string, serials: readonly string[]): Promise<void>;
  giveBack(serials: readonly string[]): Promise<void>;
  /** Waits until nothing is left to be done. */
  quiet(): Promise<void>;
  /** What the schedule does twice a day. */
  delta(): Promise<void>;
}

/** @param weather null: no PUBLIC_URL, so that Apple notifies nobody. */
export async function createWeatherWorld(seed: number, weather: Weather | null): Promise<WeatherWorld> {
  const world = await createTokenWorld({
    timeScale: 200,
    apple: {
      seed,
      apps: 4,
      licenses: 400,
      assigned: 12,
      users: 4,
      switches: { eventDelayMs: 20, plainNotifications: true, ...weather },
    },
  });
  const http = fastify();
  const core: Core = { ...world.core, policy: { ...world.core.policy } };
  await addNotificationRoute(http, core);
  await http.listen({ host: "127.0.0.1", port: 0 });
  const publicUrl = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
  if (weather) Object.assign(core.policy, { publicUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl(core), max: 6 });
  for (const event of ["error", "connect"] as const) pool.on(event, () => undefined);
  const worker = await startWorker(core, { pool, concurrency: 4 });
  const { tokenId } = await world.add();
  const quiet = () => untilQuiet(world);
  await quiet();
  return {
    ...world,
    adamIds: [...(world.apple.world.locations[0]?.assets.rows ?? [])].map(({ item }) => item.adamId),
    async claim(adamId, serials) {
      const [app] = await world.read<{ id: string }>("SELECT id FROM store_app WHERE adam_id = $1", [adamId]);
      if (!app) throw new Error("The app is not here");
      const needs = serials.map((key) => ({ kind: HolderKind.DEVICE, key, deviceId: null, appleUserId: null }));
      await core.dataSource.transaction((tx) =>
        claimLicenses(tx, core, { storeApp: { tokenId, id: app.id }, needs, actor: "test", operationSize: 100 }),
      );
    },
    async giveBack(serials) {
      const held = await world.read<{ id: string }>("SELECT id FROM license WHERE holder_key = ANY($1)", [serials]);
      await core.dataSource.transaction((tx) =>
        returnLicenses(
          tx,
          core,
          tokenId,
          held.map(({ id }) => id),
          "test",
        ),
      );
    },
    quiet,
    async delta() {
      await core.dataSource.transaction((tx) =>
        requestSync(tx, core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE }),
      );
      await quiet();
    },
    async stop() {
      await http.close();
      await worker.stop();
      await pool.end();
      await world.stop();
    },
  };
}

function databaseUrl(core: Core): string {
  const { options } = core.dataSource;
  if (options.type !== "postgres" || options.url === undefined) throw new Error("The database has no address");
  return options.url;
}

async function untilQuiet(world: TokenWorld): Promise<void> {
  let left: unknown;
  await eventually(
    async () => {
      const open = await world.read<{ what: string }>(
        `SELECT 'operation ' || state || COALESCE(' ' || last_error, '') AS what FROM apple_operation WHERE ended_at IS NULL
         UNION ALL SELECT 'run ' || state FROM sync_run WHERE ended_at IS NULL
         UNION ALL SELECT 'notification ' || type FROM apple_notification WHERE read_at IS NULL
         UNION ALL SELECT 'job ' || task_identifier FROM graphile_worker.jobs
                   WHERE run_at < now() + interval '5 seconds' OR locked_at IS NOT NULL`,
      );
      left = open;
      return open.length === 0 ? true : null;
    },
    () => left,
  );
}
