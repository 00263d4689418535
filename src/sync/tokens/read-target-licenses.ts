import { ProductType } from "../../entities/store-app.js";
import type { ListPage, TargetApp, TargetLicenseHolder } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { AssetRow, AssignmentRow } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { readApps, readLicenseHolders } from "../targets/license-answers.js";
import { watchListing } from "../targets/listing-limits.js";
import { callLicenses, type MirroredToken } from "./refresh-target-token.js";
import { type AppKey, appName, type Staging } from "./run/staging.js";

/** The product's apps, now staged; and their names, which Apple's own lists do not have. */
export interface TargetAppsRead {
  readonly requestedAt: Date;
  readonly names: readonly Pick<TargetApp, "adamId" | "name" | "bundleId">[];
}

export async function readTargetApps(core: Core, token: MirroredToken, staging: Staging): Promise<TargetAppsRead> {
  const requestedAt = core.clock.now();
  const names: TargetApp[] = [];
  const pages = readPages("apps", (cursor) =>
    callLicenses(core, token, async (licenses, signal) =>
      readApps(await licenses.apps(token.externalId, cursor, signal)),
    ),
  );
  for await (const apps of pages) {
    names.push(...apps);
    await staging.addAssets(apps.map(assetOf), requestedAt);
  }
  await staging.analyze("asset");
  return { requestedAt, names };
}

/**
 * Stages who holds what, app by app and each whole; one that the product no longer lists is held by nobody.
 * @param again the apps to read once more; null for the first reading, of all.
 */
export async function readTargetHolders(
  core: Core,
  token: MirroredToken,
  staging: Staging,
  again: readonly AppKey[] | null,
): Promise<void> {
  const apps = again ?? (await knownApps(core, token, staging));
  const listed = new Set((await listedApps(core, staging)).map(appName));
  for (const app of apps) {
    const requestedAt = core.clock.now();
    if (listed.has(appName(app))) await stageHolders(core, token, staging, app, requestedAt, again !== null);
    if (again) await staging.addAsked(app, requestedAt);
  }
  await staging.analyze("assignment");
}

function listedApps(core: Core, { tables }: Staging): Promise<AppKey[]> {
  return rows<AppKey>(
    core.dataSource,
    `SELECT DISTINCT adam_id AS "adamId", pricing_param AS "pricingParam" FROM ${tables.asset}`,
  );
}

function knownApps(core: Core, token: MirroredToken, { tables }: Staging): Promise<AppKey[]> {
  return rows<AppKey>(
    core.dataSource,
    `SELECT adam_id AS "adamId", pricing_param AS "pricingParam" FROM ${tables.asset}
     UNION SELECT adam_id, pricing_param FROM store_app WHERE token_id = $1 ORDER BY 1, 2`,
    [token.id],
  );
}

async function stageHolders(
  core: Core,
  token: MirroredToken,
  staging: Staging,
  app: AppKey,
  requestedAt: Date,
  again: boolean,
): Promise<void> {
  const pages = readPages("holders of an app", (cursor) =>
    callLicenses(core, token, async (licenses, signal) =>
      readLicenseHolders(await licenses.holders(token.externalId, app.adamId, cursor, signal)),
    ),
  );
  for await (const holders of pages) {
    const serials = await readSerials(core, token, holders);
    await staging.addAssignments(
      holders.map((holder) => assignmentOf(app, holder, serials)),
      requestedAt,
      again ? "again" : "assignment",
    );
  }
}

/** @throws PluginError when the list does not end. */
async function* readPages<T>(
  what: string,
  read: (cursor: string | null) => Promise<ListPage<T>>,
): AsyncGenerator<readonly T[]> {
  const watch = watchListing(what);
  for (let cursor: string | null = null; ; ) {
    const page: ListPage<T> = await read(cursor);
    watch(page.records.length, page.next);
    yield page.records;
    if (page.next === null) return;
    cursor = page.next;
  }
}

/** A product names devices by ids of its own, and Apple's books by serial number. */
async function readSerials(
  core: Core,
  token: MirroredToken,
  holders: readonly TargetLicenseHolder[],
): Promise<Map<string, string>> {
  const found = await rows<{ external_id: string; serial: string }>(
    core.dataSource,
    `SELECT alias.external_id, COALESCE(alias.serial, device.serial) AS serial
     FROM holder_alias alias JOIN device ON device.id = alias.device_id
     WHERE alias.target_id = $1 AND alias.external_id = ANY($2) AND COALESCE(alias.serial, device.serial) IS NOT NULL`,
    [token.targetId, holders.filter(({ kind }) => kind === "device").map(({ externalId }) => externalId)],
  );
  return new Map(found.map((device) => [device.external_id, device.serial]));
}

/** A device that is not known here keeps the product's id as its key, so that its license is not lost from sight. */
function assignmentOf(
  app: AppKey,
  { kind, externalId }: TargetLicenseHolder,
  serials: ReadonlyMap<string, string>,
): AssignmentRow {
  const product = { adamId: app.adamId, pricingParam: app.pricingParam };
  if (kind === "user") return { ...product, serialNumber: null, clientUserId: externalId };
  return { ...product, serialNumber: serials.get(externalId) ?? externalId, clientUserId: null };
}

function assetOf(app: TargetApp): AssetRow {
  return {
    adamId: app.adamId,
    pricingParam: app.pricingParam,
    productType: ProductType.APP,
    totalCount: app.totalCount,
    assignedCount: app.assignedCount,
    availableCount: Math.max(app.totalCount - app.assignedCount, 0),
    retiredCount: 0,
    deviceAssignable: app.deviceAssignable,
    revocable: true,
    platforms: [...app.platforms],
  };
}
