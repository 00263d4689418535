import type { MobileApp } from "../model.js";
import { type Answer, json } from "../protocol/answer.js";
import { badRequest, notFound } from "../protocol/graph-error.js";
import type { GraphRequest, Version } from "../protocol/graph-request.js";
import { listAnswer, selected } from "../protocol/list-answer.js";
import type { World } from "../world.js";

/** Apps of every kind: the tenant also has some that nobody bought. */
export function listMobileApps(request: GraphRequest): Answer {
  const {
    world,
    version,
    parts: [cast],
  } = request;
  if (version === "v1.0" && (cast === "macOsVppApp" || /macOsVppApp/.test(request.query.get("$filter") ?? ""))) {
    throw badRequest("The type 'microsoft.graph.macOsVppApp' is not defined in the model.");
  }
  const apps = [...world.apps.values()].filter(({ type }) => cast === undefined || type === cast);
  const rows = apps.map((app) => appRow(world, app, version));
  return listAnswer(request, cast === undefined ? [...rows, webApp(world)] : rows);
}

export function getMobileApp({ world, version, parts: [id = ""], query }: GraphRequest): Answer {
  return json(selected(appRow(world, requireApp(world, id, version), version), query.get("$select")));
}

/** v1.0 does not know macOS apps. */
export function requireApp(world: World, id: string, version: Version): MobileApp {
  const app = world.apps.get(id);
  if (!app || (version === "v1.0" && app.type === "macOsVppApp")) throw notFound(`The mobile app '${id}'`);
  return app;
}

function appRow(world: World, app: MobileApp, version: Version): Record<string, unknown> {
  const token = world.tokens.get(app.tokenId);
  const counts = world.switches.counts === "live" ? { total: app.total, used: app.licenses.size } : app.shown;
  const licensing = { supportsUserLicensing: true, supportsDeviceLicensing: app.supportsDeviceLicensing };
  const common = {
    "@odata.type": `#microsoft.graph.${app.type}`,
    id: app.id,
    displayName: app.displayName,
    description: app.displayName,
    publisher: "Example Publisher",
    createdDateTime: app.createdDateTime,
    lastModifiedDateTime: app.createdDateTime,
    publishingState: app.publishingState,
    bundleId: app.bundleId,
    appStoreUrl: `https://apps.apple.com/us/app/example/id${app.adamId}?uo=4`,
    releaseDateTime: app.createdDateTime,
    totalLicenseCount: counts.total,
    usedLicenseCount: counts.used,
    vppTokenAccountType: token?.vppTokenAccountType ?? "business",
    vppTokenAppleId: token?.appleId ?? null,
    vppTokenOrganizationName: token?.organizationName ?? null,
    ...(app.type === "iosVppApp" ? { applicableDeviceType: { iPad: true, iPhoneAndIPod: true } } : {}),
  };
  if (version === "v1.0") return { ...common, licensingType: licensing };
  return {
    ...common,
    licensingType: { ...licensing, supportUserLicensing: true, supportDeviceLicensing: app.supportsDeviceLicensing },
    isAssigned: app.assignments.length > 0,
    vppTokenId: app.tokenId,
    vppTokenDisplayName: token?.displayName ?? null,
    revokeLicenseActionResults: app.revocations.map((result) => ({ ...result })),
  };
}

function webApp(world: World): Record<string, unknown> {
  return {
    "@odata.type": "#microsoft.graph.webApp",
    id: `${world.registration.tenantId.slice(0, -4)}eeee`,
    displayName: "Intranet",
    publishingState: "published",
    appUrl: "https://intranet.example.com/",
  };
}
