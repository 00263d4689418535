import { PluginError, type PluginTools, type TargetApp } from "../../contract.js";
import type { Graph } from "../graph.js";
import { type AppKind, type MobileApp, mobileAppShape, typeName, type VppToken } from "../wire.js";
import { readVppTokens } from "./vpp-tokens.js";

const WHAT = "read the VPP apps";

/** One store app of one token: up to two objects, one a platform. */
export interface VppApp {
  readonly adamId: string;
  readonly ios: MobileApp | null;
  readonly mac: MobileApp | null;
}

/** For so long an app is found among those that were read; one that is not there is looked for anew. */
const REMEMBERED_MS = 5 * 60_000;

/** The VPP apps of the tenant, and which token each is of. */
export interface VppApps {
  /** @throws PluginError `config` where v1.0 does not tell the apps of two tokens apart. */
  ofToken(tokenId: string, signal: AbortSignal): Promise<VppApp[]>;
  /** One of them, for what never changes of it; its counts may be old. Null when there is none. */
  find(tokenId: string, adamId: string, signal: AbortSignal): Promise<VppApp | null>;
}

export function createVppApps(graph: Graph, api: string, { now }: Pick<PluginTools, "now">): VppApps {
  const remembered = new Map<string, { readonly apps: readonly VppApp[]; readonly until: number }>();
  const kinds: readonly AppKind[] = api === "beta" ? ["iosVppApp", "macOsVppApp"] : ["iosVppApp"];

  const readAll = async (signal: AbortSignal): Promise<MobileApp[]> => {
    const lists = [];
    for (const kind of kinds) {
      const filter = encodeURIComponent(`isof('microsoft.graph.${kind}')`);
      lists.push(
        await graph.list(WHAT, mobileAppShape, `/${api}/deviceAppManagement/mobileApps?$filter=${filter}`, signal),
      );
    }
    return lists.flat();
  };

  const ofToken: VppApps["ofToken"] = async (tokenId, signal) => {
    const all = await readAll(signal);
    const own = all.every(({ vppTokenId }) => vppTokenId !== null)
      ? all.filter(({ vppTokenId }) => vppTokenId === tokenId)
      : appsByNames(tokenId, all, await readVppTokens(graph, api, signal));
    const apps = groupApps(own);
    remembered.set(tokenId, { apps, until: now().getTime() + REMEMBERED_MS });
    return apps;
  };

  return {
    ofToken,
    async find(tokenId, adamId, signal) {
      const held = remembered.get(tokenId);
      const isAsked = (app: VppApp) => app.adamId === adamId;
      const known = held && held.until > now().getTime() ? held.apps.find(isAsked) : undefined;
      return known ?? (await ofToken(tokenId, signal)).find(isAsked) ?? null;
    },
  };
}

/** v1.0 names the token by its account and organisation alone. */
function appsByNames(tokenId: string, apps: readonly MobileApp[], tokens: readonly VppToken[]): MobileApp[] {
  const token = tokens.find(({ id }) => id === tokenId);
  if (!token) throw new PluginError("rejected", "Intune no longer has this VPP token.");
  const isAlike = (other: VppToken) =>
    other.appleId === token.appleId && other.organizationName === token.organizationName;
  if (tokens.filter(isAlike).length > 1) {
    throw new PluginError(
      "config",
      "v1.0 of Microsoft Graph does not tell the apps of two tokens of one account apart: set api to beta.",
    );
  }
  return apps.filter(
    (app) => app.vppTokenAppleId === token.appleId && app.vppTokenOrganizationName === token.organizationName,
  );
}

/** An app whose store address has no number cannot be named as Apple does, and is left out. */
function groupApps(apps: readonly MobileApp[]): VppApp[] {
  const found = new Map<string, VppApp>();
  for (const app of apps) {
    const adamId = adamIdOf(app);
    if (adamId === null) continue;
    const known = found.get(adamId) ?? { adamId, ios: null, mac: null };
    found.set(adamId, app["@odata.type"] === typeName("macOsVppApp") ? { ...known, mac: app } : { ...known, ios: app });
  }
  return [...found.values()];
}

/** Graph does not tell Apple's number of an app but in the address of its store page. */
function adamIdOf({ appStoreUrl }: MobileApp): string | null {
  return /\/id(\d{1,19})(?:[/?#]|$)/.exec(appStoreUrl ?? "")?.[1] ?? null;
}

/** Both objects of an app count the same licenses, but may have been read at different times. */
export function targetApp({ adamId, ios, mac }: VppApp): TargetApp {
  const apps = [ios, mac].filter((app) => app !== null);
  const [first] = apps;
  return {
    adamId,
    pricingParam: "STDQ",
    name: first?.displayName ?? adamId,
    bundleId: first?.bundleId ?? null,
    platforms: [...(ios ? ["iOS"] : []), ...(mac ? ["macOS"] : [])],
    deviceAssignable: apps.some(
      ({ licensingType: type }) => type?.supportsDeviceLicensing ?? type?.supportDeviceLicensing ?? true,
    ),
    totalCount: Math.max(0, ...apps.map(({ totalLicenseCount }) => totalLicenseCount ?? 0)),
    assignedCount: Math.max(0, ...apps.map(({ usedLicenseCount }) => usedLicenseCount ?? 0)),
  };
}
