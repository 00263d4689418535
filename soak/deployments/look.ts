import type { AppSeen, InstallationSeen, LicenseSeen, Seen } from "../../test/model/seen.js";
import type { Place } from "../../test/model/world.js";
import { deviceOf, type Stage } from "./stage.js";
import { nameOf } from "./watch.js";

/** Looks at Apple, at the MDM and, by the public API, at the service. */
export async function look(stage: Stage): Promise<Seen> {
  return { apple: lookAtApple(stage), mdm: lookAtMdm(stage), ours: await lookAtOurs(stage) };
}

function lookAtApple({ simulator, watch, names }: Stage): Seen["apple"] {
  const room = new Map<string, number>();
  const licenses: Place[] = [];
  for (const [app, adamId] of names.adamIds) {
    room.set(app, simulator.world.locations[0]?.assets.find(adamId, "STDQ")?.room ?? 0);
    licenses.push(...watch.holdersAt(app).map((holder) => ({ app, ...holder })));
  }
  return { licenses, room };
}

function lookAtMdm({ product, names }: Stage): Seen["mdm"] {
  const apps = new Map([...names.adamIds].map(([app, adamId]) => [adamId, app]));
  return { installed: product.installed().map(({ device, adamId }) => ({ device, app: apps.get(adamId) ?? adamId })) };
}

interface Answer {
  readonly storeApps: { nodes: { adamId: string; totalCount: number; assignedCount: number; heldCount: number }[] };
  readonly licenses: { nodes: LicenseNode[]; pageInfo: { hasNextPage: boolean } };
  readonly installations: { nodes: InstallationNode[]; pageInfo: { hasNextPage: boolean } };
}

interface LicenseNode extends Omit<LicenseSeen, "app" | "kind" | "holder"> {
  readonly holderKind: "USER" | "DEVICE";
  readonly holderKey: string;
  readonly storeApp: { readonly adamId: string };
  readonly user: { readonly email: string | null } | null;
}

interface InstallationNode {
  readonly state: string;
  readonly reason: string | null;
  readonly leftAt: string | null;
  readonly deployment: { readonly id: string };
  readonly device: { readonly serial: string } | null;
  readonly license: { readonly id: string } | null;
}

const QUERY = `query ($token: ID!) {
  storeApps(first: 100, filter: { token: $token }) { nodes { adamId totalCount assignedCount heldCount } }
  licenses(first: 500) { nodes { id state holderKind holderKey startCause endCause startedAt endedAt
                                 storeApp { adamId } user { email } } pageInfo { hasNextPage } }
  installations(first: 500) { nodes { state reason leftAt deployment { id } device { serial } license { id } }
                              pageInfo { hasNextPage } } }`;

async function lookAtOurs({ service, names, token }: Stage): Promise<Seen["ours"]> {
  const found = await service.ask<Answer>(QUERY, { token });
  if (found.licenses.pageInfo.hasNextPage || found.installations.pageInfo.hasNextPage) {
    throw new Error("A history has more rows than one page");
  }
  const apps = new Map([...names.adamIds].map(([app, adamId]) => [adamId, app]));
  return {
    apps: found.storeApps.nodes.flatMap(({ adamId, totalCount, assignedCount, heldCount }): AppSeen[] => {
      const app = apps.get(adamId);
      return app === undefined ? [] : [{ app, total: totalCount, assigned: assignedCount, held: heldCount }];
    }),
    licenses: found.licenses.nodes.map(({ storeApp, holderKind, holderKey, user, ...rest }) => ({
      ...rest,
      app: apps.get(storeApp.adamId) ?? storeApp.adamId,
      kind: holderKind,
      holder: holderKind === "DEVICE" ? deviceOf(holderKey) : nameOf(user?.email ?? holderKey),
    })),
    installations: found.installations.nodes.flatMap((row): InstallationSeen[] => {
      const wish = names.wishes.get(row.deployment.id);
      if (!wish) return [];
      const { state, reason, leftAt, device, license } = row;
      const name = device ? deviceOf(device.serial) : null;
      return [{ ...wish, device: name, state, reason, left: leftAt !== null, license: license?.id ?? null }];
    }),
  };
}
