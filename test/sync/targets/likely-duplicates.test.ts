import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { TargetToken } from "../../../src/plugins/contract.js";
import { checkTarget } from "../../../src/sync/targets/check-target.js";
import { forget } from "../../support/forget.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "./target-world.js";

let tokens: TargetToken[] = [];
const owner = pluginWith(
  {
    licenses: {
      tokens: async () => tokens,
      sync: async () => ({ finished: true }),
      apps: async () => ({ records: [], next: null }),
      holders: async () => ({ records: [], next: null }),
      revoke: async () => undefined,
    },
  },
  { name: "owner", licenseAuthority: "target" },
);

let world: TargetWorld;
beforeAll(async () => {
  world = await createTargetWorld([owner]);
});
afterAll(() => world.stop());
beforeEach(async () => {
  await forget(world.core.dataSource, "token", "target");
  tokens = [theirs()];
  await world.read(
    `INSERT INTO token (id, authority, name, platform, secret, location_id, location_name, organization, country, added_at,
                        updated_at, health_since, health_state)
     VALUES (gen_random_uuid(), 'SERVICE', 'Ours', 'BUSINESS', 'sealed', 'id', 'Head Office', 'Example', 'US', now(), now(),
             now(), 'ACTIVE')`,
  );
});

function theirs(fields: Partial<TargetToken> = {}): TargetToken {
  return {
    externalId: "t1",
    name: "Theirs",
    organization: "Example",
    locationId: null,
    locationName: " head office ",
    country: "us",
    expiresAt: null,
    state: "valid",
    ...fields,
  };
}

async function findings(): Promise<string[]> {
  const [target] = await world.read<{ id: string }>("SELECT id FROM target");
  const check = await checkTarget(world.core, target?.id ?? (await world.add("owner", {})));
  return check.findings.map(({ code, message }) => `${code}: ${message}`);
}

test("a product's token whose location has the name of one of ours is warned of, with both names", async () => {
  const [finding] = await findings();
  expect(finding).toMatch(/^LOCATION_MAY_HAVE_TWO_WRITERS: .*"Theirs".*"Ours".*"Head Office"/);
});

test("the warning stands from the addition of the target on", async () => {
  await world.add("owner", {});
  const [target] = await world.read<{ findings: { code: string }[] }>("SELECT findings FROM target");
  expect(target?.findings.map(({ code }) => code)).toEqual(["LOCATION_MAY_HAVE_TWO_WRITERS"]);
});

test.each([
  ["another organization", { organization: "Other" }],
  ["another country", { country: "DE" }],
  ["another name", { locationName: "Branch" }],
  ["no name", { locationName: null }],
  ["an id of its own, which is certain", { locationId: "other-id" }],
])("one with %s is not warned of", async (_, fields) => {
  tokens = [theirs(fields)];
  expect(await findings()).toEqual([]);
});

test("an organization or a country that is not known speaks for nothing", async () => {
  tokens = [theirs({ organization: null, country: null })];
  expect(await findings()).toHaveLength(1);
});

test("the target's own tokens do not warn of themselves", async () => {
  await world.read("DELETE FROM token");
  await world.add("owner", {});
  expect(await findings()).toEqual([]);
  expect(await world.read("SELECT location_name FROM token")).toEqual([{ location_name: " head office " }]);
});
