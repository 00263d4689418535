import type { PluginTools, TargetLicenseHolder, TargetLicenses } from "../../contract.js";
import type { Graph } from "../graph.js";
import { assignedLicenseShape, type MobileApp } from "../wire.js";
import { createSyncToken } from "./sync-token.js";
import { createTakeBack, nameOf } from "./take-back.js";
import { targetApp, type VppApps } from "./vpp-apps.js";
import { readVppTokens, targetToken } from "./vpp-tokens.js";

const READ = "read who holds licenses of the app";

/** Intune's licence books. Without beta they have no holders, and licences come back by removals alone. */
export function createLicenseBooks(graph: Graph, api: string, apps: VppApps, tools: PluginTools): TargetLicenses {
  const objectsOf = async (tokenId: string, adamId: string, signal: AbortSignal): Promise<MobileApp[]> => {
    const app = await apps.find(tokenId, adamId, signal);
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

  const takeBack = createTakeBack(graph);

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
      const underWay = [];
      for (const object of await objectsOf(tokenId, adamId, signal)) {
        const held = new Set((await holdersOf(object, signal)).map(nameOf));
        const open = holders.filter((holder) => held.has(nameOf(holder)));
        underWay.push(open.length > 0 && (await takeBack(object.id, open, signal)));
      }
      return { finished: !underWay.includes(true) };
    },
  };
}

function holderOf(license: ReturnType<typeof assignedLicenseShape.parse>): TargetLicenseHolder | null {
  const isDevice = license["@odata.type"].endsWith("AssignedDeviceLicense");
  const externalId = isDevice ? license.managedDeviceId : license.userId;
  return externalId === null ? null : { kind: isDevice ? "device" : "user", externalId };
}
