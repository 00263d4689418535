import type { Assignment } from "./assignments.js";
import type { UserRow } from "./events/task.js";
import { OrderedRows } from "./ordered-rows.js";
import type { Switches } from "./switches.js";
import { VersionLog } from "./version-log.js";
import { ViewCache } from "./view-cache.js";

/** One registration; several retired ones and at most one active one may share a clientUserId. */
export interface User {
  readonly kind: "user";
  /** Its place in the list; 0 until it is listed. */
  sequence: number;
  readonly clientUserId: string;
  email: string | undefined;
  status: "Registered" | "Associated" | "Retired";
  /** 32 hex digits, only while Registered. */
  inviteCode: string | undefined;
  /** Base64 of 20 bytes, once an Apple Account is linked; stays when the user retires. */
  idHash: string | undefined;
  readonly assignments: Assignment[];
  /** As the lists show it: with a lag, later than it is so; undefined until it is listed. */
  shown: UserRow | undefined;
}

/** All users of a location, in the order they were listed. */
export class Users {
  readonly rows = new OrderedRows<User>();
  readonly views = new ViewCache<User>();
  readonly versions: VersionLog<User>;
  readonly #byClientUserId = new Map<string, User[]>();
  readonly #activeByIdHash = new Map<string, User>();
  #sequence = 0;

  constructor(newId: () => string, switches: Switches) {
    this.versions = new VersionLog(newId, switches);
  }

  /** Every registration of that clientUserId, oldest first. */
  all(clientUserId: string): User[] {
    return this.#byClientUserId.get(clientUserId) ?? [];
  }

  active(clientUserId: string): User | undefined {
    return this.all(clientUserId).find((user) => user.status !== "Retired");
  }

  activeWithIdHash(idHash: string): User | undefined {
    return this.#activeByIdHash.get(idHash);
  }

  /** A new Registered user, which the lists do not show yet. The caller makes sure that no active one has the clientUserId. */
  add(clientUserId: string, email: string | undefined, inviteCode: string): User {
    const user: User = {
      kind: "user",
      sequence: 0,
      clientUserId,
      email,
      status: "Registered",
      inviteCode,
      idHash: undefined,
      assignments: [],
      shown: undefined,
    };
    const known = this.#byClientUserId.get(clientUserId);
    if (known === undefined) this.#byClientUserId.set(clientUserId, [user]);
    else known.push(user);
    return user;
  }

  /** Lets the lists show it as it is now. */
  show(user: User): void {
    if (user.shown === undefined) {
      this.#sequence += 1;
      user.sequence = this.#sequence;
      this.rows.append(user);
    }
    user.shown = userRow(user);
  }

  /** Links an Apple Account: the user is Associated from now on. */
  link(user: User, idHash: string): void {
    if (user.idHash !== undefined) this.#activeByIdHash.delete(user.idHash);
    user.status = "Associated";
    user.inviteCode = undefined;
    user.idHash = idHash;
    this.#activeByIdHash.set(idHash, user);
  }

  retire(user: User): void {
    if (user.idHash !== undefined) this.#activeByIdHash.delete(user.idHash);
    user.status = "Retired";
    user.inviteCode = undefined;
  }
}

/** A user as the users list and notifications show it. */
export function userRow({ clientUserId, email, status, inviteCode, idHash }: User): UserRow {
  return {
    clientUserId,
    ...(email === undefined ? {} : { email }),
    status,
    ...(inviteCode === undefined ? {} : { inviteCode }),
    ...(idHash === undefined ? {} : { idHash }),
  };
}
