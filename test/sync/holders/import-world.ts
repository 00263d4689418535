import { afterAll, beforeAll, beforeEach } from "vitest";
import { mock } from "../../../src/plugins/mock/index.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../targets/target-world.js";
import { forgetAll } from "./forget-all.js";
import { deviceRecord, type Listing, scriptedListing } from "./scripted-listing.js";

/** Two products whose listings a test changes between imports, and a target of the first: empty before each test. */
export interface ImportWorld {
  readonly first: Listing;
  readonly second: Listing;
  readonly world: () => TargetWorld;
  /** The target of the first product. */
  readonly targetId: () => string;
  /** Imports from it, or from another one. */
  runImport(targetId?: string): Promise<void>;
  /** The names of those in a mirrored collection. */
  members(externalId: string): Promise<string[]>;
  collectionId(externalId: string): Promise<string>;
  /** The kinds of the open alerts. */
  openAlerts(): Promise<string[]>;
}

/** To be called once a file, outside of any test. */
export function useImportWorld(): ImportWorld {
  const first = scriptedListing("first");
  const second = scriptedListing("second");
  let world: TargetWorld;
  let targetId: string;
  beforeAll(async () => {
    world = await createTargetWorld([first.plugin, second.plugin, mock, pluginWith({}, { name: "deaf" })]);
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    await forgetAll(world);
    for (const { listing } of [first, second]) {
      Object.assign(listing, { user: [], device: [], collection: [], failsAt: null });
      listing.complete = { user: true, device: true, collection: true };
    }
    targetId = await world.add("first", {}, "First");
  });
  return {
    first: first.listing,
    second: second.listing,
    world: () => world,
    targetId: () => targetId,
    runImport: (id = targetId) => importHolders(world.core, { targetId: id }),
    async members(externalId) {
      const found = await world.read<{ name: string }>(
        `SELECT COALESCE("user".display_name, device.name) AS name FROM collection_member member
         JOIN collection ON collection.id = member.collection_id
         LEFT JOIN "user" ON "user".id = member.user_id LEFT JOIN device ON device.id = member.device_id
         WHERE collection.external_id = $1 ORDER BY 1`,
        [externalId],
      );
      return found.map(({ name }) => name);
    },
    async collectionId(externalId) {
      const [found] = await world.read<{ id: string }>("SELECT id FROM collection WHERE external_id = $1", [
        externalId,
      ]);
      return found?.id ?? "";
    },
    async openAlerts() {
      const found = await world.read<{ kind: string }>("SELECT kind FROM alert WHERE cleared_at IS NULL");
      return found.map(({ kind }) => kind);
    },
  };
}

/** So many enrolled devices, `d0` and on. */
export function devices(count: number) {
  return Array.from({ length: count }, (_, index) => deviceRecord(`d${index}`));
}
