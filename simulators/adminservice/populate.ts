import { ALL_SYSTEMS, ALL_USERS } from "./model/collections.js";
import type { System, User } from "./model/records.js";
import type { Site } from "./model/site.js";

const DOMAIN = "EXAMPLE";
/** Each fourth device has nobody who signed in, as a shared one. */
const USERLESS_EVERY = 4;

export interface Population {
  readonly users: number;
  /** Mobile devices with iOS. */
  readonly devices: number;
  /** Windows computers beside them. */
  readonly computers: number;
  /** Begins every serial number and the name of the collections, so that several sites share nothing. */
  readonly label: string;
}

/** Fills a new site, the same way for the same seed. */
export function populate(site: Site, { users, devices, computers, label }: Population): void {
  const people = Array.from({ length: users }, (_, index) => addUser(site, index));
  const mobiles = Array.from({ length: devices }, (_, index) => {
    const user = index % USERLESS_EVERY === USERLESS_EVERY - 1 ? undefined : people[index % Math.max(1, people.length)];
    return addMobile(site, label, index, user);
  });
  for (let index = 0; index < computers; index += 1) addComputer(site, index);
  addCollection(site, `${label} iPads`, 2, mobiles);
  addCollection(site, `${label} People`, 1, people);
  site.timeline.settle();
}

function addUser(site: Site, index: number): User {
  const name = `user${index + 1}`;
  return site.addUser({
    domain: DOMAIN,
    name,
    fullName: `User ${index + 1}`,
    mail: `${name}@example.com`,
    principalName: `${name}@example.com`,
  });
}

function addMobile(site: Site, label: string, index: number, user: User | undefined): System {
  return site.addSystem({
    name: `iPad ${index + 1}`,
    os: "iOS 12.4",
    clientType: 3,
    obsolete: false,
    decommissioned: false,
    userId: user?.ResourceID ?? null,
    serial: `${label}${(index + 1).toString(36).toUpperCase().padStart(8, "0")}`,
    udid: site.random.bytes(20).toString("hex"),
    lastSeen: new Date(),
    offline: false,
    outcomes: new Map(),
  });
}

function addComputer(site: Site, index: number): System {
  return site.addSystem({
    name: `PC${index + 1}`,
    os: "Microsoft Windows NT Workstation 10.0",
    clientType: 1,
    obsolete: false,
    decommissioned: false,
    userId: null,
    serial: `PC-${index + 1}`,
    udid: null,
    lastSeen: new Date(),
    offline: false,
    outcomes: new Map(),
  });
}

function addCollection(site: Site, name: string, type: 1 | 2, members: readonly (System | User)[]): void {
  const limitTo = type === 2 ? ALL_SYSTEMS : ALL_USERS;
  const collection = site.collections.create({ name, comment: "", type, limitTo });
  if (members.length === 0) return;
  const ResourceClassName = type === 2 ? "SMS_R_System" : "SMS_R_User";
  site.collections.addRules(
    collection,
    members.map(({ ResourceID }) => ({ ResourceClassName, ResourceID, RuleName: String(ResourceID) })),
  );
  site.collections.refresh(collection);
}
