import { createHash } from "node:crypto";
import type { AppRef } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { applicationDigest } from "./application-digest.js";
import { quoted } from "./odata.js";
import * as wire from "./wire.js";

type App = Pick<AppRef, "adamId" | "name" | "platforms">;

const SELECT = ["CI_ID", "ModelID", "ModelName", "LocalizedDisplayName"];
const MAX_NAME = 200;

/** The latest revision of an application by its model name, which all its revisions share. */
export async function findByModel(
  service: AdminService,
  modelName: string,
  signal: AbortSignal,
): Promise<wire.Application | null> {
  return latest(service, `ModelName eq ${quoted(modelName)}`, signal);
}

/**
 * The site's application for an app of the App Store: the one that Allotment has made, one that an admin has made with the
 * app's mark at the end of its name, or else a new one.
 */
export async function ensureApplication(
  service: AdminService,
  app: App,
  signal: AbortSignal,
): Promise<wire.Application> {
  const { SiteID } = await service.ask("SMS_Identification", "GetSiteID", wire.siteId, signal);
  const scope = `ScopeId_${SiteID.replaceAll(/[{}]/g, "").toUpperCase()}`;
  const name = `Application_${guidOf(`application ${app.adamId}`)}`;
  const known =
    (await findByModel(service, `${scope}/${name}`, signal)) ??
    (await latest(service, `endswith(LocalizedDisplayName,${quoted(markOf(app.adamId))}) eq true`, signal));
  if (known !== null) return known;
  const digest = applicationDigest({
    scope,
    name,
    deploymentTypeName: `DeploymentType_${guidOf(`deployment type ${app.adamId}`)}`,
    title: titleOf(app),
    adamId: app.adamId,
  });
  return service.create("SMS_Application", wire.application, { SDMPackageXML: digest }, signal);
}

/** Old revisions are rows, too. */
async function latest(service: AdminService, filter: string, signal: AbortSignal): Promise<wire.Application | null> {
  const query = { filter: `IsLatest eq true and ${filter}`, select: SELECT };
  const found = await service.list("SMS_Application", wire.application, query, signal);
  return [...found].sort((a, b) => a.CI_ID - b.CI_ID)[0] ?? null;
}

function markOf(adamId: string): string {
  return `(App Store ${adamId})`;
}

function titleOf({ name, adamId }: App): string {
  return `${name.slice(0, MAX_NAME)} ${markOf(adamId)}`;
}

/** Always the same for the same text, so that two who make an application at once make one. */
function guidOf(text: string): string {
  const hex = createHash("sha256").update(`allotment ${text}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
