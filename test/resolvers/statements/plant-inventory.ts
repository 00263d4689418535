import { randomUUID } from "node:crypto";
import type { Collection } from "../../../src/entities/collection.js";
import type { Device } from "../../../src/entities/device.js";
import type { Node } from "../../../src/entities/node.js";
import type { StoreApp } from "../../../src/entities/store-app.js";
import { ApnsState, type Target } from "../../../src/entities/target.js";
import { type Token, TokenAuthority, TokenHealthState } from "../../../src/entities/token.js";
import type { User } from "../../../src/entities/user.js";
import { sealSettings } from "../../../src/sync/targets/stored-target.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";

/** What is there before anything is deployed. */
export interface Inventory {
  readonly token: Token;
  readonly target: Target;
  readonly storeApp: StoreApp;
  readonly user: User;
  readonly device: Device;
  /** Kept by hand; of the device. */
  readonly collection: Collection;
  readonly nodes: readonly Node[];
}

export async function plantInventory(api: SampleApi): Promise<Inventory> {
  const { rows } = api;
  const target = await plantTarget(api);
  const token = await plantToken(api);
  const ofTarget = await rows.token({
    ...{
      authority: TokenAuthority.TARGET,
      secret: null,
      fingerprint: null,
      targetId: target.id,
      externalId: randomUUID(),
    },
    removingAt: MOMENT,
  });
  const storeApp = await rows.storeApp(token, {
    ...{ bundleId: "com.example.app", developer: "Example", genres: ["Business"], platforms: ["iOS"] },
    ...{ iconUrl: "https://example.com/icon.png", heldCount: 3 },
  });
  const unlisted = await rows.storeApp(token, { unlistedAt: MOMENT });
  const person = randomUUID();
  const user = await rows.user({
    ...{ principalName: `${person}@example.com`, email: `${person}@example.com`, leftAt: MOMENT },
    managedAppleId: `${person}@appleid.example.com`,
  });
  const device = await rows.device({
    serial: person.toUpperCase(),
    userId: user.id,
    platform: "iOS",
    lastSeenAt: MOMENT,
  });
  const collection = await rows.collection({ teams: ["a team"], shrinkHeldAt: MOMENT });
  const mirrored = await rows.collection({ targetId: target.id, externalId: randomUUID() });
  await rows.member(collection, device);
  await rows.member(mirrored, user);
  await plantDays(api, storeApp);
  const nodes = [token, ofTarget, target, storeApp, unlisted, user, device, collection, mirrored];
  return { token, target, storeApp, user, device, collection, nodes };
}

function plantToken({ rows }: SampleApi): Promise<Token> {
  const evidence = { cause: "It expires.", evidence: "9622", remedy: "Renew it." };
  return rows.token({
    ...{
      description: "For the head office",
      country: "AT",
      expiresAt: MOMENT,
      organization: "Example",
      teams: ["a team"],
    },
    ...{ categories: ["tablets"], contacts: [{ name: "A person", email: "person@example.com" }] },
    ...{ lastFullSyncAt: MOMENT, lastSyncAt: MOMENT, locationName: "Vienna", websiteUrl: "https://business.apple.com" },
    health: { state: TokenHealthState.EXPIRING, since: MOMENT, ...evidence },
  });
}

async function plantTarget({ rows, core }: SampleApi): Promise<Target> {
  const id = randomUUID();
  return rows.target({
    ...{
      id,
      apnsState: ApnsState.EXPIRED,
      apnsExpiresAt: new Date("2020-01-01"),
      checkedAt: MOMENT,
      teams: ["a team"],
    },
    ...{ holdersImportedAt: MOMENT, shrinkHeldAt: MOMENT, importError: "It was too much." },
    ...{ failures: 3, openedAt: MOMENT, pausedUntil: MOMENT, lastError: "No answer.", lastFailedAt: MOMENT },
    findings: [{ severity: "warning", code: "OLD", message: "It is old.", remedy: "Update it." }],
    secrets: sealSettings(id, { password: "hidden" }, core.secrets),
  });
}

/** Counts that have grown for ten days. */
async function plantDays({ dataSource }: SampleApi, { tokenId, id }: StoreApp): Promise<void> {
  await dataSource.query(
    `INSERT INTO snapshot_day SELECT (now() AT TIME ZONE 'UTC')::date - ago FROM generate_series(1, 10) AS ago
     ON CONFLICT DO NOTHING`,
  );
  await dataSource.query(
    `INSERT INTO count_snapshot (token_id, store_app_id, day, total_count, assigned_count, retired_count, held_count, waiting_count, free_count)
     SELECT $1, $2, (now() AT TIME ZONE 'UTC')::date - ago, 10, 10 - ago, 0, 10 - ago, 0, ago FROM generate_series(1, 10) AS ago`,
    [tokenId, id],
  );
}
