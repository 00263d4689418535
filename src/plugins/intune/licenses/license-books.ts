import {
  PluginError,
  type PluginErrorKind,
  type PluginTools,
  type TargetLicenseHolder,
  type TargetLicenses,
} from "../../contract.js";
import { isOk, isPassing } from "../failure.js";
import type { Call, Graph } from "../graph.js";
import { assignedLicenseShape, type MobileApp, mobileAppShape, type revocationShape } from "../wire.js";
import { createSyncToken } from "./sync-token.js";
import { targetApp, type VppApps } from "./vpp-apps.js";
import { readVppTokens, targetToken } from "./vpp-tokens.js";

const READ = "read who holds licenses of the app";

type Revocation = ReturnType<typeof revocationShape.parse>;

/** Intune's licence books. Without beta they have no holders, and licences come back by removals alone. */
export function createLicenseBooks(graph: Graph, api: string, apps: VppApps, tools: PluginTools): TargetLicenses {
  const objectsOf = async (tokenId: string, adamId: string, signal: AbortSignal): Promise<MobileApp[]> => {
    const app = (await apps.ofToken(tokenId, signal)).find((candidate) => candidate.adamId === adamId);
    return [app?.ios, app?.mac].filter((object) => object !== null && object !== undefined);
  };

  const holdersOf = async (
    { id, "@odata.type": type }: MobileApp,
    signal: AbortSignal,
  ): Promise<TargetLicenseHolder[]> => {
    const place = `/beta/deviceAppManagement/mobileApps/${id}/${type.replace("#", "")}/assignedLicenses`;
    const licenses = await graph.list(READ, assignedLicenseShape, place, signal);
    return licenses.flatMap((license) => holderOf(license) ?? []);
  };

  const allHolders = async (objects: readonly MobileApp[], signal: AbortSignal): Promise<TargetLicenseHolder[]> => {
    const found = new Map<string, TargetLicenseHolder>();
    for (const object of objects) {
      for (const holder of await holdersOf(object, signal)) found.set(nameOf(holder), holder);
    }
    return [...found.values()];
  };

  return {
    tokens: async (signal) => (await readVppTokens(graph, api, signal)).map(targetToken),
    sync: createSyncToken(graph, api, tools),
    async apps(tokenId, _cursor, signal) {
      return { records: (await apps.ofToken(tokenId, signal)).map(targetApp), next: null };
    },
    async holders(tokenId, adamId, _cursor, signal) {
      if (api !== "beta") return { records: [], next: null };
      return { records: await allHolders(await objectsOf(tokenId, adamId, signal), signal), next: null };
    },
    async revoke(tokenId, adamId, holders, signal) {
      if (api !== "beta") return;
      for (const object of await objectsOf(tokenId, adamId, signal))
        await revokeAt(graph, holdersOf, object, holders, signal);
    },
  };
}

/**
 * Asks for the licences that are still held; one that Intune is taking back already is not asked for again. It does so in
 * its own time: the next synchronisation shows them gone.
 * @throws PluginError with Intune's reason for what has failed by the time of a look at the results.
 */
async function revokeAt(
  graph: Graph,
  holdersOf: (object: MobileApp, signal: AbortSignal) => Promise<TargetLicenseHolder[]>,
  object: MobileApp,
  holders: readonly TargetLicenseHolder[],
  signal: AbortSignal,
): Promise<void> {
  const held = new Set((await holdersOf(object, signal)).map(nameOf));
  const open = holders.filter((holder) => held.has(nameOf(holder)));
  if (open.length === 0) return;
  const place = `/beta/deviceAppManagement/mobileApps/${object.id}`;
  const results = async (): Promise<(Revocation | undefined)[]> => {
    const app = await graph.need("read the app", mobileAppShape, { method: "GET", place }, signal);
    return open.map((holder) => lastRevocation(app.revokeLicenseActionResults ?? [], holder));
  };
  const before = await results();
  const calls = open.filter((_, index) => !isUnderWay(before[index])).map((holder) => revokeCall(place, holder));
  const answers = await graph.batch(calls, signal);
  // Who is not there any more holds nothing.
  const refused = answers.filter((answer) => !isOk(answer) && answer.status !== 404);
  const worst = refused.find(isPassing) ?? refused[0];
  if (worst) throw graph.failure(worst, "take licenses back");
  const failed = (await results()).find((result) => result?.actionState === "failed");
  if (failed) throw revocationFailure(failed.actionFailureReason);
}

/** A token that has expired keeps back its own licences alone; without the certificate nothing works there. */
const EXPIRED: Readonly<Record<string, { what: string; kind: PluginErrorKind }>> = {
  expiredVppToken: { what: "the VPP token", kind: "rejected" },
  expiredApplePushNotificationCertificate: { what: "the APNs certificate", kind: "config" },
};

function revocationFailure(reason: string | null): PluginError {
  const options = reason === null ? {} : { vendorCode: reason };
  const expired = EXPIRED[reason ?? ""];
  if (expired) {
    return new PluginError(
      expired.kind,
      `Intune could not take licenses back: ${expired.what} has expired. Renew it in Intune.`,
      options,
    );
  }
  return new PluginError(
    "transient",
    `Intune could not take licenses back (${reason ?? "it gives no reason"}).`,
    options,
  );
}

function lastRevocation(
  results: readonly Revocation[],
  { kind, externalId }: TargetLicenseHolder,
): Revocation | undefined {
  const own = results.filter(({ userId, managedDeviceId }) =>
    kind === "device" ? managedDeviceId === externalId : managedDeviceId === null && userId === externalId,
  );
  return own.sort((a, b) => (a.startDateTime?.getTime() ?? 0) - (b.startDateTime?.getTime() ?? 0)).at(-1);
}

function isUnderWay(result: Revocation | undefined): boolean {
  return result?.actionState === "pending" || result?.actionState === "active";
}

function revokeCall(app: string, { kind, externalId }: TargetLicenseHolder): Call {
  const body = {
    ...(kind === "user" ? { userId: externalId } : { managedDeviceId: externalId }),
    notifyManagedDevices: false,
  };
  return { method: "POST", place: `${app}/${kind === "user" ? "revokeUserLicense" : "revokeDeviceLicense"}`, body };
}

function holderOf(license: ReturnType<typeof assignedLicenseShape.parse>): TargetLicenseHolder | null {
  const isDevice = license["@odata.type"].endsWith("AssignedDeviceLicense");
  const externalId = isDevice ? license.managedDeviceId : license.userId;
  return externalId === null ? null : { kind: isDevice ? "device" : "user", externalId };
}

const nameOf = ({ kind, externalId }: TargetLicenseHolder): string => `${kind}:${externalId}`;
