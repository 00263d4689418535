import type { PoolClient } from "pg";
import type { EntityManager } from "typeorm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startHoldings } from "../../../src/sync/tokens/run/merge-holdings.js";
import { beginRun } from "../../../src/sync/tokens/run/run-record.js";
import { createStaging } from "../../../src/sync/tokens/run/staging.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;

beforeAll(async () => {
  world = await createTokenWorld({ apple: { apps: 1, licenses: 40, users: 0, assigned: 0 } });
});
afterAll(() => world.stop());

it("goes through what has ended since once, not once for each holding, though no statistics tell of it yet", async () => {
  const { tokenId } = await world.add();
  await world.sync(tokenId);
  const [app] = await world.read<{ id: string; adam_id: string }>("SELECT id, adam_id FROM store_app");
  const serials = Array.from({ length: 5_000 }, (_, at) => `RETURNED${at}`);
  const requestedAt = new Date(Date.now() - 60_000);
  await world.read(
    `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor,
                          assigned_at, proven_at, ended_at, end_cause, end_actor)
     SELECT $1, $2, 'DEVICE', key, 'ENDED', $4, 'SYNC', 'apple', $4, $4, now(), 'DEPLOYMENT', 'deployment'
     FROM unnest($3::text[]) AS key`,
    [tokenId, app?.id, serials, requestedAt],
  );
  const { dataSource } = world.core;
  const syncRun =
    "INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, 'DELTA', 'MANUAL', 'QUEUED', now())";
  await world.read(syncRun, [tokenId]);
  const run = await beginRun(world.core, tokenId);
  if (!run) throw new Error("There is no run");
  const runner = dataSource.createQueryRunner();
  const staging = await createStaging((await runner.connect()) as PoolClient, run);
  const seen = [...serials, "NEW"].map((serialNumber) => ({
    adamId: app?.adam_id ?? "",
    pricingParam: "STDQ",
    clientUserId: null,
    serialNumber,
  }));
  await staging.addAssignments(seen, requestedAt, "fresh");
  let plan = "";
  const started = await dataSource.transaction((tx) => {
    const query = async (text: string, parameters?: unknown[]) => {
      if (/^WITH ended/.test(text)) {
        const lines: { "QUERY PLAN": string }[] = await tx.query(`EXPLAIN ${text}`, parameters);
        plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
      }
      return tx.query(text, parameters);
    };
    return startHoldings({ query } as EntityManager, run, staging, "apple");
  });
  await staging.drop();
  await runner.release();
  expect(started).toBe(1);
  expect(plan.match(/CTE Scan on ended/g)).toHaveLength(1);
  expect(plan).not.toContain("Nested Loop");
});
