import { DeviceState, normalizeSerial } from "../../entities/device.js";
import type { DeviceRecord } from "../../plugins/contract.js";
import { lastOfEach } from "./last-of-each.js";

/** A Device of ours as it is stored. */
export interface DeviceRow {
  readonly id: string;
  serial: string | null;
  name: string | null;
  platform: string | null;
  userId: string | null;
  state: DeviceState;
  lastSeenAt: Date | null;
  /** How many aliases name it, of all targets: those that are not gone, and those that a record tells of as enrolled. */
  aliases: number;
  /** How many of them are this target's. */
  readonly aliasesHere: number;
  /** The oldest of them. */
  homeAliasId: string | null;
  /** It was managed, and the target tells of an end of that: what was installed on it is gone. */
  lost?: true;
}

/** How the target named a Device until now. */
export interface DeviceAliasRow {
  readonly id: string;
  readonly externalId: string;
  deviceId: string;
  serial: string | null;
  udid: string | null;
  /** The target no longer has the Device: it does not list it, or tells of its end while another target has it. */
  gone: boolean;
}

/** What is known of the records' devices: their aliases at this target, and whichever has one of their serials. */
export interface KnownDevices {
  readonly devices: readonly DeviceRow[];
  readonly aliases: readonly DeviceAliasRow[];
  /** Users of ours by this target's id of them. */
  readonly userIds: ReadonlyMap<string, string>;
}

export type NewDeviceAlias = Omit<DeviceAliasRow, "id">;

/** What to write; a row that stays as it is appears nowhere. */
export interface DeviceMergePlan {
  readonly newDevices: DeviceRow[];
  readonly changedDevices: DeviceRow[];
  readonly newAliases: NewDeviceAlias[];
  readonly changedAliases: DeviceAliasRow[];
  /** Devices whose last alias has gone to another Device: their places in local collections follow. */
  readonly moves: { readonly from: string; readonly to: string }[];
  /** Devices that had come to an end and are back with this target: no other has them, until it tells of them again. */
  readonly returned: string[];
  /** The target has lost a device that another target still has, or gives its name to another device (`leave-target`). */
  readonly losesNames: boolean;
  /** Devices of which something has changed that decides what is installed on them. */
  readonly concernedDevices: ReadonlySet<string>;
  /** Users who have got or lost a device. */
  readonly concernedUsers: ReadonlySet<string>;
}

const STATES: Readonly<Record<DeviceRecord["state"], DeviceState>> = {
  enrolled: DeviceState.ENROLLED,
  wiped: DeviceState.WIPED,
  retired: DeviceState.RETIRED,
  deleted: DeviceState.DELETED,
};

/**
 * Decides what one target's records of devices change (design.md, section 1). Apple knows a device by its serial number,
 * so the serial decides: a record with another serial than before is another Device, and the one that no record names
 * any more counts as deleted. A device without a serial is known by the target's id alone, until it gets one.
 */
export function planDeviceMerge(
  records: readonly DeviceRecord[],
  known: KnownDevices,
  newId: () => string,
): DeviceMergePlan {
  const ended = records.filter(({ state }) => STATES[state] !== DeviceState.ENROLLED);
  const merge = new DeviceMerge(known, newId, new Set(ended.map(({ externalId }) => externalId)));
  for (const record of lastOfEach(records)) merge.add(record);
  return merge.plan();
}

class DeviceMerge {
  private readonly byId = new Map<string, DeviceRow>();
  private readonly bySerial = new Map<string, DeviceRow>();
  private readonly aliases = new Map<string, DeviceAliasRow>();
  private readonly before = new Map<string, DeviceRow>();
  private readonly newDevices = new Set<DeviceRow>();
  private readonly newAliases: NewDeviceAlias[] = [];
  private readonly changedAliases = new Set<DeviceAliasRow>();
  private readonly moves: { from: string; to: string }[] = [];
  private readonly concernedDevices = new Set<string>();
  private losesNames = false;

  constructor(
    private readonly known: KnownDevices,
    private readonly newId: () => string,
    /** Those of which a record tells an end, even if a later one tells that they are back. */
    private readonly ended: ReadonlySet<string>,
  ) {
    for (const device of known.devices) {
      this.byId.set(device.id, device);
      this.before.set(device.id, { ...device });
      if (device.serial) this.bySerial.set(device.serial, device);
    }
    for (const alias of known.aliases) this.aliases.set(alias.externalId, alias);
  }

  add(record: DeviceRecord): void {
    const serial = normalizeSerial(record.serial);
    const alias = this.aliases.get(record.externalId);
    const present = alias && this.byId.get(alias.deviceId);
    if (alias && present) this.addKnown(record, serial, alias, present);
    else this.addUnknown(record, serial);
  }

  plan(): DeviceMergePlan {
    const changedDevices: DeviceRow[] = [];
    const returned: string[] = [];
    const concernedUsers = new Set<string>();
    for (const device of this.byId.values()) {
      const before = this.before.get(device.id);
      if (device.state !== DeviceState.ENROLLED) this.lose(device);
      if (before && columnsOf(before) !== columnsOf(device)) changedDevices.push(device);
      if (before && decisiveColumnsOf(before) !== decisiveColumnsOf(device)) this.concernedDevices.add(device.id);
      if (before && before.state !== DeviceState.ENROLLED && device.state === DeviceState.ENROLLED)
        returned.push(device.id);
      if (!this.concernedDevices.has(device.id)) continue;
      for (const userId of [before?.userId, device.userId]) if (userId) concernedUsers.add(userId);
    }
    return {
      newDevices: [...this.newDevices],
      changedDevices,
      newAliases: this.newAliases,
      changedAliases: [...this.changedAliases],
      moves: this.moves,
      returned,
      losesNames: this.losesNames,
      concernedDevices: this.concernedDevices,
      concernedUsers,
    };
  }

  private addKnown(record: DeviceRecord, serial: string | null, alias: DeviceAliasRow, present: DeviceRow): void {
    const before = { ...alias };
    if (alias.gone && STATES[record.state] !== DeviceState.ENROLLED) present.aliases += 1;
    const device = this.deviceFor(serial, present);
    if (device !== present) this.repoint(alias, present, device);
    const gone = this.describe(device, record, alias.id);
    Object.assign(alias, { serial: record.serial, udid: record.udid, gone });
    if (gone !== before.gone) this.concernedDevices.add(device.id);
    if (gone && !before.gone) this.losesNames = true;
    if (JSON.stringify(alias) !== JSON.stringify(before)) this.changedAliases.add(alias);
  }

  private deviceFor(serial: string | null, present: DeviceRow): DeviceRow {
    if (serial === null || serial === present.serial) return present;
    const same = this.bySerial.get(serial);
    if (same) return same;
    if (present.serial !== null) return this.create(serial);
    present.serial = serial;
    this.bySerial.set(serial, present);
    return present;
  }

  private addUnknown(record: DeviceRecord, serial: string | null): void {
    const device = (serial === null ? undefined : this.bySerial.get(serial)) ?? this.create(serial);
    // A device gets a new name where it had one by being enrolled anew.
    if (device.aliasesHere > 0) this.lose(device);
    device.aliases += 1;
    const { externalId, serial: spelled, udid } = record;
    const gone = this.describe(device, record, null);
    this.newAliases.push({ externalId, deviceId: device.id, serial: spelled, udid, gone });
    this.concernedDevices.add(device.id);
  }

  private create(serial: string | null): DeviceRow {
    const device: DeviceRow = {
      id: this.newId(),
      serial,
      name: null,
      platform: null,
      userId: null,
      state: DeviceState.DELETED,
      lastSeenAt: null,
      aliases: 0,
      aliasesHere: 0,
      homeAliasId: null,
    };
    this.byId.set(device.id, device);
    if (serial !== null) this.bySerial.set(serial, device);
    this.newDevices.add(device);
    return device;
  }

  private repoint(alias: DeviceAliasRow, from: DeviceRow, to: DeviceRow): void {
    alias.deviceId = to.id;
    this.changedAliases.add(alias);
    this.concernedDevices.add(from.id).add(to.id);
    from.aliases -= 1;
    to.aliases += 1;
    if (from.aliases > 0) {
      this.losesNames = true;
      return;
    }
    from.state = DeviceState.DELETED;
    this.moves.push({ from: from.id, to: to.id });
  }

  private lose(device: DeviceRow): void {
    if (this.before.get(device.id)?.state === DeviceState.ENROLLED) device.lost = true;
  }

  /**
   * @returns whether the target, and it alone, no longer has the device: it tells of an end, but another target has seen the
   *   device since.
   */
  private describe(device: DeviceRow, record: DeviceRecord, aliasId: string | null): boolean {
    const state = STATES[record.state];
    if (device.aliases === 1 && this.ended.has(record.externalId)) this.lose(device);
    const userId = this.userOf(record, device);
    if (device.aliases === 1) {
      Object.assign(device, { name: record.name, platform: record.platform, userId, state });
      device.lastSeenAt = record.lastSeenAt ?? device.lastSeenAt;
    } else if (speaksForDevice(device, record, state, aliasId)) {
      device.name = record.name ?? device.name;
      device.platform = record.platform ?? device.platform;
      device.userId = userId ?? device.userId;
      device.state = state;
      device.lastSeenAt = record.lastSeenAt ?? device.lastSeenAt;
    } else if (state !== DeviceState.ENROLLED) {
      device.aliases -= 1;
      return true;
    } else {
      device.name ??= record.name;
      device.platform ??= record.platform;
      device.userId ??= userId;
    }
    return false;
  }

  /** A user that the target names but has not told of is not known yet, which is not the same as none. */
  private userOf(record: DeviceRecord, device: DeviceRow): string | null {
    if (record.userExternalId === null) return null;
    return this.known.userIds.get(record.userExternalId) ?? device.userId;
  }
}

/** Of several records of one device the one that saw it last counts; without times, the one that still manages it. */
function speaksForDevice(device: DeviceRow, record: DeviceRecord, state: DeviceState, aliasId: string | null): boolean {
  if (record.lastSeenAt !== null) return device.lastSeenAt === null || record.lastSeenAt >= device.lastSeenAt;
  if (device.lastSeenAt !== null) return false;
  const [wasEnrolled, isEnrolled] = [device.state === DeviceState.ENROLLED, state === DeviceState.ENROLLED];
  if (wasEnrolled !== isEnrolled) return isEnrolled;
  return aliasId !== null && aliasId === device.homeAliasId;
}

function columnsOf(device: DeviceRow): string {
  return JSON.stringify([decisiveColumnsOf(device), device.name, device.lastSeenAt]);
}

function decisiveColumnsOf(device: DeviceRow): string {
  return JSON.stringify([device.serial, device.platform, device.userId, device.state, device.lost]);
}
