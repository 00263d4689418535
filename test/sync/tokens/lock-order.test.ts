import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { row } from "../../../src/queries/sql.js";
import { prepareRenewal, renewToken } from "../../../src/sync/tokens/renew-token.js";
import { requestManualSync } from "../../../src/sync/tokens/request-manual-sync.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { prepareTakeOver, takeOverToken } from "../../../src/sync/tokens/take-over-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { users: 0, assigned: 0 } });
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
});

afterEach(() => world.stop());

type Work = Parameters<TokenWorld["core"]["dataSource"]["transaction"]>[1];
const inTransaction = (work: Work) => world.core.dataSource.transaction(work as never);

/** What asks for a synchronisation while it changes the token: prepared first, then done. */
const ASKERS: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  "a manual synchronisation": async () => () => inTransaction((tx) => requestManualSync(tx, world.core, tokenId)),
  "a renewal": async () => {
    const answer = await fetch(`${world.apple.controlUrl}/renew-token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const { tokenFile } = (await answer.json()) as { tokenFile: string };
    const prepared = await prepareRenewal(world.core, { tokenId, file: tokenFile });
    return () => inTransaction((tx) => renewToken(tx, world.core, prepared));
  },
  "a takeover": async () => {
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    const prepared = await prepareTakeOver(world.core, tokenId);
    return () => inTransaction((tx) => takeOverToken(tx, world.core, prepared));
  },
  "the claim over another's": async () => {
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    await world.read("UPDATE token SET taking_over = 'other-mdm', health_state = 'UNVERIFIED'");
    return () => verifyToken(world.core, { tokenId });
  },
  "the look at a token that is not trusted": async () => {
    await world.read("UPDATE token SET distrusted_at = now(), health_state = 'UNVERIFIED'");
    return () => verifyToken(world.core, { tokenId });
  },
};

it.each(Object.keys(ASKERS))(
  "%s waits for a run that is being written without holding the token it needs",
  async (name) => {
    const ask = await ASKERS[name]?.();
    await inTransaction((tx) =>
      requestSync(tx, world.core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE }),
    );
    const writing = world.core.dataSource.createQueryRunner();
    await writing.startTransaction();
    await writing.query("SELECT 1 FROM sync_run WHERE ended_at IS NULL FOR UPDATE");
    const asked = ask?.();
    await eventually(() =>
      row(
        world.core.dataSource,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      ),
    );
    const free = await writing.query("SELECT id FROM token FOR NO KEY UPDATE SKIP LOCKED");
    await writing.commitTransaction();
    await writing.release();
    await asked;
    expect(free).toEqual([{ id: tokenId }]);
  },
);

it("a run locks every app that it writes in one order, whatever has changed of it", async () => {
  const ids = await world.read<{ id: string; adam_id: string }>("SELECT id, adam_id FROM store_app ORDER BY id");
  const [first, last] = [ids.at(0), ids.at(-1)];
  const { assets } = world.core.apple;
  const altered: typeof assets = async (...asked) => {
    const page = await assets(...asked);
    const changed = page.assets.map((asset) => {
      if (asset.adamId === first?.adam_id) return { ...asset, platforms: ["visionOS"] };
      return asset.adamId === last?.adam_id ? { ...asset, totalCount: asset.totalCount + 1 } : asset;
    });
    return { ...page, assets: changed };
  };
  await inTransaction((tx) => requestManualSync(tx, world.core, tokenId));
  const other = world.core.dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query("SELECT 1 FROM store_app WHERE id = $1 FOR UPDATE", [first?.id]);
  const core = { ...world.core, apple: { ...world.core.apple, assets: altered } };
  const ended = syncToken(core, { tokenId }).catch((error: unknown) => error);
  await eventually(() =>
    row(
      world.core.dataSource,
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    ),
  );
  const free = await other.query("SELECT id FROM store_app WHERE id = $1 FOR UPDATE SKIP LOCKED", [last?.id]);
  await other.commitTransaction();
  await other.release();
  expect(await ended).toBeUndefined();
  expect(free).toEqual([{ id: last?.id }]);
});
