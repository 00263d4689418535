import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SyncMode } from "../../../src/entities/sync-run.js";
import { readMetadata } from "../../../src/sync/tokens/read-metadata.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
});

afterEach(() => world.stop());

const location = () => world.apple.world.locations[0] ?? fail();
const fail = (): never => {
  throw new Error("The simulator has no location");
};
const heldByDevice = (assetAt: number) => {
  const asset = [...location().assets.rows][assetAt] ?? fail();
  const assignment = [...asset.assignments].find(({ holder }) => holder.kind === "device") ?? fail();
  if (assignment.holder.kind !== "device") return fail();
  return { adamId: asset.item.adamId, serialNumber: assignment.holder.serialNumber };
};

interface LicenseRow {
  state: string;
  start_cause: string;
  end_cause: string | null;
  holder_key: string;
  operation_id: string | null;
}

const licensesOf = (serialNumber: string, adamId: string) =>
  world.read<LicenseRow>(
    `SELECT license.* FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id
     WHERE holder_key = $1 AND adam_id = $2 ORDER BY license.id`,
    [serialNumber, adamId],
  );

const versions = () =>
  world.read(
    `SELECT 'store_app' AS of, id, xmin::text FROM store_app UNION ALL SELECT 'license', id, xmin::text FROM license
     UNION ALL SELECT 'apple_user', id, xmin::text FROM apple_user ORDER BY 1, 2`,
  );

/** What Apple lists, as our holdings would be. */
function holdingsAtApple(): string[] {
  return [...location().assignments.rows]
    .map(({ asset, holder }) => {
      const key = holder.kind === "device" ? `DEVICE ${holder.serialNumber}` : `USER ${holder.clientUserId}`;
      return `${asset.item.adamId} ${asset.pricingParam} ${key}`;
    })
    .sort();
}

async function holdingsHere(): Promise<string[]> {
  const held = await world.read<{ line: string }>(
    `SELECT adam_id || ' ' || pricing_param || ' ' || holder_kind || ' ' || holder_key AS line
     FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id WHERE ended_at IS NULL`,
  );
  return held.map(({ line }) => line).sort();
}

const heldCountsAreTrue = async () =>
  world.read(
    `SELECT id FROM store_app app WHERE held_count <>
       (SELECT count(*) FROM license WHERE token_id = app.token_id AND store_app_id = app.id AND ended_at IS NULL)`,
  );

describe("a full synchronisation", () => {
  it("brings every app with Apple's counts", async () => {
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "SUCCEEDED", warnings: [], error: null });
    const apps = await world.read(
      `SELECT adam_id, pricing_param, total_count, assigned_count, available_count, retired_count, product_type,
              device_assignable, revocable, platforms FROM store_app ORDER BY adam_id`,
    );
    const atApple = [...location().assets.rows]
      .map((asset) => ({
        adam_id: asset.item.adamId,
        pricing_param: asset.pricingParam,
        total_count: asset.totalCount,
        assigned_count: asset.assignedCount,
        available_count: asset.availableCount,
        retired_count: asset.retiredCount,
        product_type: asset.item.productType.toUpperCase(),
        device_assignable: asset.item.deviceAssignable,
        revocable: asset.item.revocable,
        platforms: asset.item.supportedPlatforms,
      }))
      .sort((left, right) => (left.adam_id < right.adam_id ? -1 : 1));
    expect(apps).toEqual(atApple);
  });

  it("brings every holding, over several pages, as started by the sync", async () => {
    await world.control("/switches", { pageSize: 7 });
    await world.sync(tokenId);
    expect(holdingsAtApple()).toHaveLength(120);
    expect(await holdingsHere()).toEqual(holdingsAtApple());
    expect(await heldCountsAreTrue()).toEqual([]);
    expect(await world.read("SELECT DISTINCT start_cause, start_actor, state FROM license")).toEqual([
      { start_cause: "SYNC", start_actor: "apple", state: "HELD" },
    ]);
  });

  it("brings every registration and links the licences that it holds", async () => {
    await world.sync(tokenId);
    const users = await world.read(
      "SELECT client_user_id, status, email, invite_code, id_hash, invitation_url IS NOT NULL AS invited FROM apple_user",
    );
    const atApple = [...location().users.rows].map((user) => ({
      client_user_id: user.clientUserId,
      status: user.status.toUpperCase(),
      email: user.email ?? null,
      invite_code: user.inviteCode ?? null,
      id_hash: user.idHash ?? null,
      invited: user.status === "Registered",
    }));
    expect(users).toHaveLength(10);
    expect(users).toEqual(expect.arrayContaining(atApple));
    expect(
      await world.read(
        `SELECT license.id FROM license LEFT JOIN apple_user owner ON owner.id = apple_user_id
         WHERE holder_kind = 'USER' AND owner.client_user_id IS DISTINCT FROM holder_key`,
      ),
    ).toEqual([]);
  });

  it("puts the invite code into the invitation's address", async () => {
    await world.sync(tokenId);
    const [user] = await world.read<{ invite_code: string; invitation_url: string }>(
      "SELECT invite_code, invitation_url FROM apple_user WHERE status = 'REGISTERED' LIMIT 1",
    );
    expect(new URL(user?.invitation_url ?? "").searchParams.get("inviteCode")).toBe(user?.invite_code);
  });

  it("writes no app, registration or holding that has not changed", async () => {
    await world.sync(tokenId);
    await readMetadata(world.core, { tokenId });
    const before = await versions();
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "SUCCEEDED", rows_added: 0, rows_changed: 0, rows_ended: 0 });
    expect(await versions()).toEqual(before);
  });

  it("records a foreign assignment as an external start", async () => {
    await world.sync(tokenId);
    const { adamId } = heldByDevice(0);
    await world.control("/purchase", { adamId, count: 1 });
    await world.control("/assign", { adamId, serialNumber: "FOREIGN1" });
    await world.sync(tokenId);
    expect(await licensesOf("FOREIGN1", adamId)).toMatchObject([{ state: "HELD", start_cause: "EXTERNAL" }]);
    expect(await heldCountsAreTrue()).toEqual([]);
  });

  it("records a foreign unassignment as an external end, seen in two reads of the app", async () => {
    await world.sync(tokenId);
    const { adamId, serialNumber } = heldByDevice(0);
    await world.control("/unassign", { adamId, serialNumber });
    world.apple.world.requests.entries.length = 0;
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "SUCCEEDED", rows_ended: 1, warnings: [] });
    expect(await licensesOf(serialNumber, adamId)).toMatchObject([{ state: "ENDED", end_cause: "EXTERNAL" }]);
    expect(await heldCountsAreTrue()).toEqual([]);
    const rereads = world.apple.world.requests.entries.filter(({ path }) => path.includes(`adamId=${adamId}`));
    expect(rereads.map(({ path }) => path.split("?")[0])).toEqual(["/mdm/v2/assignments"]);
  });

  it("starts a new holding when a returned licence is given out again", async () => {
    await world.sync(tokenId);
    const { adamId, serialNumber } = heldByDevice(0);
    await world.control("/unassign", { adamId, serialNumber });
    await world.sync(tokenId);
    await world.control("/assign", { adamId, serialNumber });
    await world.sync(tokenId);
    const states = (await licensesOf(serialNumber, adamId)).map(({ state }) => state);
    expect(states).toEqual(["ENDED", "HELD"]);
  });

  it("leaves a holding with an open operation alone", async () => {
    await world.sync(tokenId);
    const { adamId, serialNumber } = heldByDevice(0);
    await world.read("UPDATE license SET operation_id = 77, state = 'RETURNING' WHERE holder_key = $1", [serialNumber]);
    await world.control("/unassign", { adamId, serialNumber });
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "SUCCEEDED", rows_ended: 0 });
    expect(await licensesOf(serialNumber, adamId)).toMatchObject([{ state: "RETURNING", operation_id: "77" }]);
  });

  it("does not end a holding that was proven after the read was asked for", async () => {
    await world.sync(tokenId);
    const { adamId, serialNumber } = heldByDevice(0);
    await world.read("UPDATE license SET proven_at = $2 WHERE holder_key = $1", [
      serialNumber,
      new Date(Date.now() + 3_600_000),
    ]);
    await world.control("/unassign", { adamId, serialNumber });
    await world.sync(tokenId);
    expect(await licensesOf(serialNumber, adamId)).toMatchObject([{ state: "HELD" }]);
  });

  it("marks an app that Apple no longer lists, and takes the mark back", async () => {
    await world.sync(tokenId);
    const unused = [...location().assets.rows].find((asset) => asset.assignments.size === 0) ?? fail();
    await world.read("UPDATE store_app SET adam_id = 'gone' WHERE adam_id = $1", [unused.item.adamId]);
    await world.sync(tokenId);
    const marked = "SELECT adam_id FROM store_app WHERE unlisted_at IS NOT NULL";
    expect(await world.read(marked)).toEqual([{ adam_id: "gone" }]);
    await world.read("DELETE FROM store_app WHERE adam_id = $1", [unused.item.adamId]);
    await world.read("UPDATE store_app SET adam_id = $1 WHERE adam_id = 'gone'", [unused.item.adamId]);
    await world.sync(tokenId);
    expect(await world.read(marked)).toEqual([]);
  });

  it("leaves no staging table behind", async () => {
    await world.sync(tokenId);
    expect(await world.read("SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace")).toEqual([]);
  });
});

describe("a large loss", () => {
  const loseHalf = async () => {
    const all = [...location().assignments.rows].filter(({ asset }) => asset.item.revocable);
    for (const assignment of all.slice(0, 60)) location().unassign(assignment);
    location().commit();
  };

  it("ends nothing at first, raises an alert and asks for a second read", async () => {
    await world.sync(tokenId);
    await loseHalf();
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "HELD_BACK", rows_ended: 0 });
    expect(await world.read("SELECT id FROM license WHERE ended_at IS NOT NULL")).toEqual([]);
    expect(await world.read("SELECT kind FROM alert WHERE cleared_at IS NULL")).toEqual([
      { kind: "LICENSES_SHRINK_HELD" },
    ]);
    expect(await world.read("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL")).toEqual([
      { mode: "FULL", trigger: "RECOVERY" },
    ]);
  });

  it("takes nothing else over from the reading that shows it", async () => {
    await world.sync(tokenId);
    const before = await versions();
    const { adamId } = heldByDevice(0);
    await world.control("/purchase", { adamId, count: 5 });
    await world.control("/assign", { adamId, serialNumber: "FOREIGN3" });
    await loseHalf();
    expect(await world.sync(tokenId)).toMatchObject({ state: "HELD_BACK", rows_added: 0, rows_changed: 0 });
    expect(await versions()).toEqual(before);
    expect(await world.read("SELECT id FROM stock_change")).toEqual([]);
  });

  it("is believed when an equal second read shows it", async () => {
    await world.sync(tokenId);
    await loseHalf();
    await world.sync(tokenId);
    await syncToken(world.core, { tokenId });
    expect(await holdingsHere()).toEqual(holdingsAtApple());
    expect(await heldCountsAreTrue()).toEqual([]);
    expect(await world.read("SELECT kind FROM alert WHERE cleared_at IS NULL")).toEqual([]);
  });

  it("is held back again when the second read shows another", async () => {
    await world.sync(tokenId);
    await loseHalf();
    await world.sync(tokenId);
    const one = [...location().assignments.rows].find(({ asset }) => asset.item.revocable) ?? fail();
    location().unassign(one);
    location().commit();
    await syncToken(world.core, { tokenId });
    expect(await world.read("SELECT id FROM license WHERE ended_at IS NOT NULL")).toEqual([]);
  });

  it("is not one when the second read of the apps shows the holdings after all", async () => {
    await world.sync(tokenId);
    location().assignments.rows.slice = () => [];
    const run = await world.sync(tokenId);
    expect(run).toMatchObject({ state: "SUCCEEDED", rows_ended: 0 });
    expect(await holdingsHere()).toEqual(holdingsAtApple());
  });
});

describe("a delta", () => {
  it("brings additions without reading the lists whole", async () => {
    await world.sync(tokenId);
    const { adamId } = heldByDevice(0);
    await world.control("/purchase", { adamId, count: 1 });
    await world.control("/assign", { adamId, serialNumber: "FOREIGN2" });
    world.apple.world.requests.entries.length = 0;
    const run = await world.sync(tokenId, SyncMode.DELTA);
    expect(run).toMatchObject({ mode: "DELTA", state: "SUCCEEDED", rows_added: 1 });
    expect(await licensesOf("FOREIGN2", adamId)).toMatchObject([{ state: "HELD", start_cause: "EXTERNAL" }]);
    const lists = world.apple.world.requests.entries.filter(({ path }) => /\/(users|assignments)\?/.test(path));
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.every(({ path }) => path.includes("sinceVersionId="))).toBe(true);
  });

  it.each([
    ["Apple's delta does not show it", false],
    ["Apple's delta marks it", true],
  ])("ends a removal when %s", async (_, deltaRemovals) => {
    await world.control("/switches", { deltaRemovals });
    await world.sync(tokenId);
    const { adamId, serialNumber } = heldByDevice(0);
    await world.control("/unassign", { adamId, serialNumber });
    const run = await world.sync(tokenId, SyncMode.DELTA);
    expect(run).toMatchObject({ mode: "DELTA", state: "SUCCEEDED", rows_ended: 1 });
    expect(await licensesOf(serialNumber, adamId)).toMatchObject([{ state: "ENDED", end_cause: "EXTERNAL" }]);
    expect(await holdingsHere()).toEqual(holdingsAtApple());
  });

  it("sees an invitation accepted", async () => {
    await world.sync(tokenId);
    const [user] = await world.read<{ client_user_id: string }>(
      "SELECT client_user_id FROM apple_user WHERE status = 'REGISTERED' LIMIT 1",
    );
    await world.control("/accept-invitation", { clientUserId: user?.client_user_id });
    await world.sync(tokenId, SyncMode.DELTA);
    expect(
      await world.read("SELECT status, invitation_url FROM apple_user WHERE client_user_id = $1", [
        user?.client_user_id,
      ]),
    ).toEqual([{ status: "ASSOCIATED", invitation_url: null }]);
  });

  it("sees a registration retired", async () => {
    await world.sync(tokenId);
    const user = [...location().users.rows][0] ?? fail();
    location().retire(user);
    location().commit();
    await world.sync(tokenId, SyncMode.DELTA);
    expect(await world.read("SELECT status FROM apple_user WHERE client_user_id = $1", [user.clientUserId])).toEqual([
      { status: "RETIRED" },
    ]);
    expect(await holdingsHere()).toEqual(holdingsAtApple());
  });

  it("becomes full when Apple no longer knows the version", async () => {
    await world.sync(tokenId);
    await world.read("UPDATE token SET assignments_version_id = 'forgotten'");
    const run = await world.sync(tokenId, SyncMode.DELTA);
    expect(run).toMatchObject({ mode: "FULL", state: "SUCCEEDED" });
  });

  it("raises the epoch of our claim, as any full synchronisation, when it becomes one", async () => {
    await verifyToken(world.core, { tokenId });
    await world.sync(tokenId);
    await verifyToken(world.core, { tokenId });
    const epoch = async () =>
      Number((await world.read<{ epoch: string }>("SELECT epoch FROM service_identity"))[0]?.epoch);
    const before = await epoch();
    await world.sync(tokenId, SyncMode.DELTA);
    expect(await epoch()).toBe(before);
    await world.read("UPDATE token SET users_version_id = 'forgotten'");
    await world.sync(tokenId, SyncMode.DELTA);
    expect(await epoch()).toBeGreaterThan(before);
  });

  it("is full when there was no full synchronisation before", async () => {
    expect(await world.sync(tokenId, SyncMode.DELTA)).toMatchObject({ mode: "FULL", state: "SUCCEEDED" });
  });
});

describe("counts that do not fit", () => {
  it("raise one alert after one more read, and no more reads while they stay the same", async () => {
    await world.sync(tokenId);
    const { adamId } = heldByDevice(0);
    const [app] = await world.read<{ count: number }>(
      "SELECT assigned_count + 3 AS count FROM store_app WHERE adam_id = $1",
      [adamId],
    );
    await world.control("/distort", { adamId, set: { assignedCount: app?.count } });
    const run = await world.sync(tokenId);
    expect(run.warnings).toHaveLength(1);
    expect(await world.read("SELECT kind FROM alert WHERE cleared_at IS NULL")).toEqual([{ kind: "COUNT_MISMATCH" }]);

    world.apple.world.requests.entries.length = 0;
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED", warnings: [] });
    expect(world.apple.world.requests.entries.filter(({ path }) => path.includes("adamId="))).toEqual([]);

    await world.control("/distort", { adamId, set: {} });
    await world.sync(tokenId);
    expect(await world.read("SELECT kind FROM alert WHERE cleared_at IS NULL")).toEqual([]);
  });
});
