import { Device } from "../../entities/device.js";
import { User } from "../../entities/user.js";
import { byUser, ID_KEY } from "../columns.js";
import { contains, equals, isAmong, isBefore } from "../conditions.js";
import { deviceScope } from "../holder-scopes.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";

interface DeviceFilter {
  readonly search?: string | null;
  readonly user?: string | null;
  readonly state?: readonly string[] | null;
  readonly platform?: string | null;
  readonly lastSeenBefore?: Date | null;
}

export const deviceList: List<Device, DeviceFilter, "NAME" | "SERIAL" | "LAST_SEEN_AT"> = {
  name: "deviceList",
  from: "device",
  scope: deviceScope,
  key: ID_KEY,
  filters: {
    search: (text) => contains(["serial", "name"], text),
    user: (user) => refersTo(byUser, User, user),
    state: (states) => isAmong("state", states),
    platform: (platform) => equals("platform", platform),
    lastSeenBefore: (moment) => isBefore("last_seen_at", moment),
  },
  orders: {
    NAME: { name: "name", type: "text", nullable: true },
    SERIAL: { name: "serial", type: "text", nullable: true },
    LAST_SEEN_AT: { name: "last_seen_at", type: "timestamptz", nullable: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Device, raw),
};
