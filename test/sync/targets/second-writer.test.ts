import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TokenAuthority } from "../../../src/entities/token.js";
import type { TargetToken } from "../../../src/plugins/contract.js";
import { addTarget, prepareTarget } from "../../../src/sync/targets/add-target.js";
import { lockLocations } from "../../../src/sync/targets/lock-locations.js";
import { SampleRows } from "../../http/sample-rows.js";
import { eventually } from "../../support/eventually.js";
import { forget } from "../../support/forget.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "./target-world.js";

const TOKEN: TargetToken = {
  externalId: "1",
  name: "Theirs",
  organization: null,
  locationId: "4711",
  locationName: null,
  country: null,
  expiresAt: null,
  state: "valid",
};
const owner = pluginWith(
  {
    listHolders: async () => ({ records: [], next: null, complete: true }),
    licenses: {
      tokens: async () => [TOKEN],
      sync: async () => ({ finished: true }),
      apps: async () => ({ records: [], next: null }),
      holders: async () => ({ records: [], next: null }),
      revoke: async () => undefined,
    },
  },
  { licenseAuthority: "target" },
);

let world: TargetWorld;
beforeAll(async () => {
  world = await createTargetWorld([owner]);
});
afterAll(() => world.stop());
beforeEach(() => forget(world.core.dataSource, "token", "target"));

const add = async () => {
  const { core } = world;
  const prepared = await prepareTarget(core, { plugin: "scripted", name: "Main", settings: {} });
  return core.dataSource.transaction((tx) => addTarget(tx, core, prepared));
};
const waitsForLock = () =>
  eventually(async () => {
    const waiting = await world.read(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return waiting.length > 0 ? true : null;
  });

test("a target that owns a token of a location that a token here works is refused, and nothing is stored", async () => {
  await new SampleRows(world.core.dataSource).token({ name: "Ours", locationId: "4711" });
  await expect(add()).rejects.toMatchObject({ code: "CONFLICT", details: { token: "Ours", locationId: "4711" } });
  expect(await world.read("SELECT FROM target")).toEqual([]);
});

test("the same where both are added at the same moment", async () => {
  let adding: Promise<string> | undefined;
  await world.core.dataSource.transaction(async (tx) => {
    await lockLocations(tx);
    await tx.query(
      `INSERT INTO token (id, authority, name, platform, secret, location_id, added_at, updated_at, health_since)
       VALUES (gen_random_uuid(), $1, 'Ours', 'BUSINESS', 'sealed', '4711', now(), now(), now())`,
      [TokenAuthority.SERVICE],
    );
    adding = add();
    adding.catch(() => undefined);
    await waitsForLock();
  });
  await expect(adding).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await world.read("SELECT FROM target")).toEqual([]);
});
