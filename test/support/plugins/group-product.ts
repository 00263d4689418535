import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { DeviceRecord, UserRecord } from "../../../src/plugins/contract.js";

interface Group {
  readonly externalId: string;
  readonly name: string;
  readonly kind: "user" | "device";
  readonly members: Set<string>;
}

interface Assignment {
  readonly group: string;
  readonly intent: "required" | "uninstall";
  readonly license: "user" | "device";
}

interface App {
  readonly adamId: string;
  readonly name: string;
  readonly bundleId: string;
  readonly total: number;
  /** Replaced as a whole at each write, which is what makes this product dangerous. */
  assignments: Assignment[];
  readonly licenses: Map<string, { kind: "user" | "device"; id: string }>;
  readonly report: Map<string, { state: "installed" | "notInstalled" | "noLicense" | "failed"; at: string }>;
}

/** A pretended MDM that assigns whole groups and works its own Apple token; HTTP with an API key. */
export interface GroupProduct {
  readonly url: string;
  readonly apiKey: string;
  readonly users: Map<string, UserRecord>;
  readonly devices: Map<string, DeviceRecord>;
  readonly groups: Map<string, Group>;
  readonly apps: Map<string, App>;
  /** Devices that refuse every install. */
  readonly refusing: Set<string>;
  /** Devices that do not check in. */
  readonly silent: Set<string>;
  /** Every device does what is assigned to it, and reports. */
  checkIn(): void;
  addUser(externalId: string): void;
  addDevice(externalId: string, userExternalId: string | null): void;
  addGroup(externalId: string, kind: Group["kind"], members: readonly string[]): void;
  /** Somebody lets a device or a user join a group. */
  join(group: string, member: string): void;
  addApp(adamId: string, total: number): void;
  /** Somebody takes the app off the device; it is not told to bring it back. */
  removeByHand(adamId: string, device: string): void;
  stop(): Promise<void>;
}

/**
 * @param location of its token: two products of one Apple location are two writers of it.
 * @param pageSize records on a page of each list.
 * @param checksIn when its devices check in: at once after each change, or when they are told to.
 */
export async function startGroupProduct(
  location = "location-of-group-product",
  pageSize = 1000,
  checksIn: "at once" | "when told" = "at once",
): Promise<GroupProduct> {
  const [users, devices, groups, apps] = [new Map(), new Map(), new Map(), new Map()] as [
    GroupProduct["users"],
    GroupProduct["devices"],
    GroupProduct["groups"],
    GroupProduct["apps"],
  ];
  const apiKey = "group-product-key";
  const [refusing, silent] = [new Set<string>(), new Set<string>()];
  const state: State = { users, devices, groups, apps, refusing, silent, location, changed: () => undefined };
  const checkIn = () => {
    for (const app of apps.values()) checkInFor(state, app);
  };
  if (checksIn === "at once") state.changed = checkIn;
  const server = createServer(async (request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${apiKey}`;
    const answer = isKnown ? await route(state, request) : undefined;
    response.writeHead(answer === undefined ? (isKnown ? 404 : 401) : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(Array.isArray(answer) ? pageOf(answer, request.url ?? "", pageSize) : (answer ?? {})));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    users,
    devices,
    groups,
    apps,
    refusing,
    silent,
    checkIn,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    addUser: (externalId) =>
      void users.set(externalId, {
        externalId,
        principalName: `${externalId}@allotment.example`,
        displayName: externalId,
        email: null,
        managedAppleId: null,
      }),
    addDevice: (externalId, userExternalId) =>
      void devices.set(externalId, {
        externalId,
        serial: `SERIAL-${externalId.toUpperCase()}`,
        udid: null,
        name: externalId,
        platform: "iOS",
        userExternalId,
        state: "enrolled",
        lastSeenAt: null,
      }),
    addGroup: (externalId, kind, members) =>
      void groups.set(externalId, { externalId, name: externalId, kind, members: new Set(members) }),
    join: (group, member) => void changeGroup(state, group, { add: [member] }),
    addApp: (adamId, total) =>
      void apps.set(adamId, {
        adamId,
        name: `App ${adamId}`,
        bundleId: `example.app${adamId}`,
        total,
        assignments: [],
        licenses: new Map(),
        report: new Map(),
      }),
    removeByHand: (adamId, device) =>
      void apps.get(adamId)?.report.set(device, { state: "notInstalled", at: new Date().toISOString() }),
    stop: () => stop(server),
  };
}

type State = Pick<GroupProduct, "users" | "devices" | "groups" | "apps" | "refusing" | "silent"> & {
  readonly location: string;
  /** Called after each change of groups and assignments. */
  changed: () => void;
};

function pageOf(
  rows: readonly unknown[],
  address: string,
  size: number,
): { rows: readonly unknown[]; next: number | null } {
  const after = Number(new URL(address, "http://group-product").searchParams.get("after") ?? 0);
  const end = after + size;
  return { rows: rows.slice(after, end), next: end < rows.length ? end : null };
}

async function route(state: State, request: IncomingMessage): Promise<unknown> {
  const [, kind = "", id = "", part = ""] = (request.url ?? "").split("?", 1)[0]?.split("/") ?? [];
  const body: unknown = request.method === "GET" ? null : JSON.parse((await text(request)) || "null");
  if (kind === "users") return [...state.users.values()];
  if (kind === "devices") return [...state.devices.values()];
  if (kind === "tokens") return [{ id: "token-1", name: "Head office", location: state.location }];
  if (kind === "collections") return id === "" ? listGroups(state) : changeGroup(state, id, body as { add: string[] });
  if (kind !== "apps") return undefined;
  if (id === "") return [...state.apps.values()].map((app) => ({ ...app, used: app.licenses.size }));
  const app = state.apps.get(id);
  if (!app) return undefined;
  if (part === "licenses") return listLicenses(app, body as { revoke: string[] } | null);
  if (part === "report") return [...app.report].map(([device, row]) => ({ device, ...row }));
  if (request.method === "PUT") {
    app.assignments = body as Assignment[];
    state.changed();
  }
  return app.assignments;
}

function listGroups(state: State): unknown {
  return [...state.groups.values()].map((group) => ({ ...group, memberExternalIds: [...group.members] }));
}

/** Makes the group if there is none of the id. Who is not known is told, and does not become a member. */
function changeGroup(state: State, id: string, change: { add?: string[]; remove?: string[] }): unknown {
  const group = state.groups.get(id) ?? {
    externalId: id,
    name: id,
    kind: "device" as const,
    members: new Set<string>(),
  };
  state.groups.set(id, group);
  const isKnown = (member: string) => state.devices.has(member) || state.users.has(member);
  for (const member of (change.add ?? []).filter(isKnown)) group.members.add(member);
  for (const member of change.remove ?? []) group.members.delete(member);
  state.changed();
  return { id, unknown: (change.add ?? []).filter((member) => !isKnown(member)) };
}

function listLicenses(app: App, change: { revoke: string[] } | null): unknown {
  for (const holder of change?.revoke ?? []) app.licenses.delete(holder);
  return [...app.licenses.values()];
}

/**
 * Every device looks at its assignments; an uninstall gives the licence back by itself. What is not there is reported anew each
 * time.
 */
function checkInFor(state: State, app: App): void {
  const at = new Date().toISOString();
  for (const device of state.devices.values()) {
    if (state.silent.has(device.externalId)) continue;
    const mine = app.assignments.filter(({ group }) => isIn(state.groups.get(group), device));
    const wanted = mine.find(({ intent }) => intent === "uninstall") ?? mine[0];
    if (!wanted) continue;
    const holder = wanted.license === "user" ? device.userExternalId : device.externalId;
    if (holder === null) continue;
    const isInstall = wanted.intent === "required";
    if (!isInstall) app.licenses.delete(holder);
    else if (app.licenses.size < app.total) app.licenses.set(holder, { kind: wanted.license, id: holder });
    const gets = state.refusing.has(device.externalId) ? "failed" : "installed";
    const result = isInstall ? (app.licenses.has(holder) ? gets : "noLicense") : "notInstalled";
    const isNews = result !== "installed" || app.report.get(device.externalId)?.state !== result;
    if (isNews) app.report.set(device.externalId, { state: result, at });
  }
}

function isIn(group: Group | undefined, device: DeviceRecord): boolean {
  if (!group) return false;
  return (
    group.members.has(device.externalId) || (device.userExternalId !== null && group.members.has(device.userExternalId))
  );
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
