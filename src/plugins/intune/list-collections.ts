import type { CollectionRecord, HolderPage } from "../contract.js";
import { isOk } from "./failure.js";
import type { Call, Graph } from "./graph.js";
import type { KnownDevices } from "./known-devices.js";
import { isOwnGroup } from "./own-groups.js";
import type { IntuneSettings } from "./settings.js";
import { groupShape, type ManagedDevice, memberShape, pageShape, typeName } from "./wire.js";

/** Each group is one more request, and all of a page's are in one batch. */
const GROUPS_A_PAGE = 20;
const WHAT = "read the members of groups";

type Group = ReturnType<typeof groupShape.parse>;

interface Members {
  readonly users: readonly string[];
  /** Managed devices. */
  readonly devices: readonly string[];
}

/** Managed devices by the ids that a group's members are known by. */
interface Index {
  readonly byDirectoryName: ReadonlyMap<string, string>;
  readonly byUser: ReadonlyMap<string, readonly string[]>;
}

/**
 * A page of groups as collections. A group has members of any kind, a collection of one: the users are one collection and
 * the devices another, which also has the devices of the users if the group has both. The kind is a part of the id, so that
 * a group whose members change their kind is another collection, and not a changed one.
 */
export async function listCollections(
  graph: Graph,
  devices: KnownDevices,
  settings: IntuneSettings,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<"collection">> {
  const first = `/v1.0/groups?$select=id,displayName,uniqueName,membershipRule&$top=${GROUPS_A_PAGE}&$filter=${encodeURIComponent(settings.groupFilter)}`;
  const page = await graph.page("read the groups", groupShape, cursor ?? first, signal);
  const groups = page.records.filter((group) => !isOwnGroup(settings.groupPrefix, group.uniqueName));
  const index = groups.length === 0 ? EMPTY : indexOf((await devices.all(signal)).values());
  const members = await readMembers(graph, groups, index, signal);
  const records = groups.flatMap((group, position) => {
    const found = members[position];
    return found ? collectionsOf(group, found, index) : [];
  });
  return { records, next: page.next, complete: page.next === null };
}

/** The group that a collection stands for. */
export function groupIdOf(collectionExternalId: string): string {
  return collectionExternalId.replace(/^(user|device):/, "");
}

function collectionsOf(group: Group, { users, devices }: Members, { byUser }: Index): CollectionRecord[] {
  const name = group.displayName ?? group.id;
  const record = (kind: "user" | "device", members: Iterable<string>): CollectionRecord => {
    return { externalId: `${kind}:${group.id}`, name, kind, memberExternalIds: [...new Set(members)] };
  };
  if (users.length === 0 && devices.length === 0) return kindsOfEmpty(group).map((kind) => record(kind, []));
  return [
    ...(users.length > 0 ? [record("user", users)] : []),
    ...(devices.length > 0 ? [record("device", [...devices, ...users.flatMap((user) => byUser.get(user) ?? [])])] : []),
  ];
}

/** Nobody knows of what kind an empty group is to be, unless a rule fills it: it is both, so that none is lost. */
function kindsOfEmpty({ membershipRule }: Group): ("user" | "device")[] {
  if (membershipRule === null) return ["user", "device"];
  return [/\bdevice\./i.test(membershipRule) ? "device" : "user"];
}

/** Null for a group that has gone meanwhile. */
async function readMembers(
  graph: Graph,
  groups: readonly Group[],
  index: Index,
  signal: AbortSignal,
): Promise<(Members | null)[]> {
  const calls = groups.map(
    ({ id }): Call => ({ method: "GET", place: `/v1.0/groups/${id}/transitiveMembers?$select=id,deviceId&$top=999` }),
  );
  const answers = await graph.batch(calls, signal);
  return Promise.all(
    answers.map(async (answer) => {
      if (answer.status === 404) return null;
      if (!isOk(answer)) throw graph.failure(answer, WHAT);
      const page = pageShape.parse(answer.body);
      const link = page["@odata.nextLink"];
      const rest = link ? await graph.list(WHAT, memberShape, link, signal) : [];
      return sortMembers([...page.value.map((member) => memberShape.parse(member)), ...rest], index);
    }),
  );
}

function sortMembers(members: readonly ReturnType<typeof memberShape.parse>[], { byDirectoryName }: Index): Members {
  const users = members.filter((member) => member["@odata.type"] === typeName("user")).map(({ id }) => id);
  const devices = members
    .filter((member) => member["@odata.type"] === typeName("device"))
    .flatMap(({ deviceId }) => byDirectoryName.get(deviceId ?? "") ?? []);
  return { users, devices };
}

const EMPTY: Index = { byDirectoryName: new Map(), byUser: new Map() };

function indexOf(devices: Iterable<ManagedDevice>): Index {
  const byDirectoryName = new Map<string, string>();
  const byUser = new Map<string, string[]>();
  for (const { id, azureADDeviceId, userId } of devices) {
    if (azureADDeviceId) byDirectoryName.set(azureADDeviceId, id);
    if (userId) byUser.set(userId, [...(byUser.get(userId) ?? []), id]);
  }
  return { byDirectoryName, byUser };
}
