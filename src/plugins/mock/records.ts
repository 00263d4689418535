import type { CollectionRecord, DeviceRecord, HolderKind, HolderPage, HolderRecords, UserRecord } from "../contract.js";
import type { MockSettings } from "./settings.js";

const PAGE = 1000;
/** Members of the collections "Pilot users" and "Pilot devices". */
const PILOTS = 5;

/** A page of the pretended product's holders; made anew for each call, always the same for the same settings. */
export function mockHolders<Kind extends HolderKind>(
  settings: MockSettings,
  kind: Kind,
  cursor: string | null,
): HolderPage<Kind> {
  const start = cursor === null ? 0 : Number(cursor);
  const total = totalOf(settings, kind);
  const end = Math.min(start + PAGE, total);
  const records: HolderRecords[Kind][] = [];
  for (let index = start; index < end; index += 1) records.push(makers[kind](settings, index + 1));
  const isLast = end >= total;
  return { records, next: isLast ? null : String(end), complete: isLast };
}

/** Whether the product manages a device of this id. */
export function hasMockDevice(settings: MockSettings, externalId: string): boolean {
  const match = /^device-([1-9][0-9]*)$/.exec(externalId);
  return match !== null && Number(match[1]) <= settings.devices + settings.userless;
}

const makers: { readonly [Kind in HolderKind]: (settings: MockSettings, number: number) => HolderRecords[Kind] } = {
  user: makeUser,
  device: makeDevice,
  collection: makeCollection,
};

function totalOf(settings: MockSettings, kind: HolderKind): number {
  if (kind === "user") return settings.users;
  return kind === "device" ? settings.devices + settings.userless : 4;
}

function makeUser(settings: MockSettings, number: number): UserRecord {
  const name = `user${number}@allotment.example`;
  const isInvited = settings.invitedEvery > 0 && number % settings.invitedEvery === 0;
  return {
    externalId: `user-${number}`,
    principalName: name,
    displayName: `User ${number}`,
    email: name,
    managedAppleId: isInvited ? null : name,
  };
}

function makeDevice(settings: MockSettings, number: number): DeviceRecord {
  const hasUser = number <= settings.devices && settings.users > 0;
  return {
    externalId: `device-${number}`,
    serial: serialOf(settings, number),
    udid: `00008030-${number.toString(16).toUpperCase().padStart(16, "0")}`,
    name: `Device ${number}`,
    platform: "iOS",
    userExternalId: hasUser ? `user-${((number - 1) % settings.users) + 1}` : null,
    state: "enrolled",
    lastSeenAt: null,
  };
}

/** Twelve characters as Apple's have, unique by seed and number. */
function serialOf(settings: MockSettings, number: number): string {
  return `MK${toBase36(settings.seed, 3)}${toBase36(number, 7)}`;
}

function toBase36(value: number, length: number): string {
  return value.toString(36).toUpperCase().padStart(length, "0");
}

function makeCollection(settings: MockSettings, number: number): CollectionRecord {
  const devices = settings.devices + settings.userless;
  const collections: readonly (readonly [string, string, "user" | "device", number])[] = [
    ["all-users", "All users", "user", settings.users],
    ["all-devices", "All devices", "device", devices],
    ["pilot-users", "Pilot users", "user", Math.min(PILOTS, settings.users)],
    ["pilot-devices", "Pilot devices", "device", Math.min(PILOTS, devices)],
  ];
  const [externalId, name, kind, size] = collections[number - 1] ?? ["none", "None", "user", 0];
  return {
    externalId,
    name,
    kind,
    memberExternalIds: Array.from({ length: size }, (_, index) => `${kind}-${index + 1}`),
  };
}
