import { normalizePrincipalName } from "../../entities/user.js";
import type { UserRecord } from "../../plugins/contract.js";
import { lastOfEach } from "./last-of-each.js";

/** A User of ours as it is stored. */
export interface UserRow {
  readonly id: string;
  principalName: string | null;
  displayName: string | null;
  email: string | null;
  managedAppleId: string | null;
  /** How many aliases name it, of all targets. */
  aliases: number;
  /** The oldest of them. */
  homeAliasId: string | null;
}

/** How the target named a User until now. */
export interface UserAliasRow {
  readonly id: string;
  readonly externalId: string;
  userId: string;
  upn: string | null;
}

/** What is known of the records' users: their aliases at this target, and whoever has one of their names. */
export interface KnownUsers {
  readonly users: readonly UserRow[];
  readonly aliases: readonly UserAliasRow[];
}

export interface NewUserAlias {
  readonly externalId: string;
  readonly userId: string;
  readonly upn: string | null;
}

/** What to write; a row that stays as it is appears nowhere. */
export interface UserMergePlan {
  readonly newUsers: UserRow[];
  readonly changedUsers: UserRow[];
  readonly newAliases: NewUserAlias[];
  readonly changedAliases: UserAliasRow[];
  /** Users whose last alias has gone to another User: the same person, so their places in local collections follow. */
  readonly moves: { readonly from: string; readonly to: string }[];
}

/**
 * Decides what one target's records of users change (design.md, section 1). A record belongs to the User its id named
 * before, until the target itself changes the sign-in name; then, and for a new id, to the User with that name, unless
 * these records, and nobody else, told of that one and take it away. What a person is called here is told by the target
 * that knew it first; others fill what is empty.
 */
export function planUserMerge(records: readonly UserRecord[], known: KnownUsers, newId: () => string): UserMergePlan {
  const merge = new UserMerge(known, newId);
  const last = lastOfEach(records);
  for (const record of last) merge.giveUpName(record);
  for (const record of last) merge.add(record);
  return merge.plan();
}

class UserMerge {
  private readonly byId = new Map<string, UserRow>();
  private readonly byName = new Map<string, UserRow>();
  private readonly aliases = new Map<string, UserAliasRow>();
  private readonly before = new Map<string, string>();
  private readonly newUsers = new Set<UserRow>();
  private readonly newAliases: NewUserAlias[] = [];
  private readonly changedAliases = new Set<UserAliasRow>();
  private readonly moves: { from: string; to: string }[] = [];

  constructor(
    known: KnownUsers,
    private readonly newId: () => string,
  ) {
    for (const user of known.users) {
      this.byId.set(user.id, user);
      this.before.set(user.id, columnsOf(user));
      if (user.principalName) this.byName.set(user.principalName, user);
    }
    for (const alias of known.aliases) this.aliases.set(alias.externalId, alias);
  }

  /** First of all: a name that somebody gives up may be another's by now, and a listing has no order. */
  giveUpName(record: UserRecord): void {
    const alias = this.aliases.get(record.externalId);
    const present = alias && this.byId.get(alias.userId);
    const name = normalizePrincipalName(record.principalName);
    if (!present?.principalName || present.principalName === name) return;
    const isTheirs = normalizePrincipalName(alias?.upn ?? null) === present.principalName;
    if (isTheirs && present.aliases === 1) this.byName.delete(present.principalName);
  }

  add(record: UserRecord): void {
    const name = normalizePrincipalName(record.principalName);
    const alias = this.aliases.get(record.externalId);
    const present = alias && this.byId.get(alias.userId);
    if (alias && present) this.addKnown(record, name, alias, present);
    else this.addUnknown(record, name);
  }

  plan(): UserMergePlan {
    return {
      newUsers: [...this.newUsers],
      changedUsers: [...this.byId.values()].filter(
        (user) => !this.newUsers.has(user) && this.before.get(user.id) !== columnsOf(user),
      ),
      newAliases: this.newAliases,
      changedAliases: [...this.changedAliases],
      moves: this.moves,
    };
  }

  private addKnown(record: UserRecord, name: string | null, alias: UserAliasRow, present: UserRow): void {
    const renamed = normalizePrincipalName(alias.upn) !== name;
    const named = name === null ? undefined : this.byName.get(name);
    const user = renamed && named ? named : present;
    if (user !== present) this.repoint(alias, present, user);
    else if (renamed && (name !== null || present.aliases === 1)) this.rename(present, name);
    if (alias.upn !== record.principalName) {
      alias.upn = record.principalName;
      this.changedAliases.add(alias);
    }
    describe(user, record, user.aliases === 1 || user.homeAliasId === alias.id);
  }

  private addUnknown(record: UserRecord, name: string | null): void {
    const user = (name === null ? undefined : this.byName.get(name)) ?? this.create(name);
    user.aliases += 1;
    this.newAliases.push({ externalId: record.externalId, userId: user.id, upn: record.principalName });
    describe(user, record, user.aliases === 1);
  }

  private create(name: string | null): UserRow {
    const user: UserRow = {
      id: this.newId(),
      principalName: name,
      displayName: null,
      email: null,
      managedAppleId: null,
      aliases: 0,
      homeAliasId: null,
    };
    this.byId.set(user.id, user);
    if (name !== null) this.byName.set(name, user);
    this.newUsers.add(user);
    return user;
  }

  private repoint(alias: UserAliasRow, from: UserRow, to: UserRow): void {
    alias.userId = to.id;
    this.changedAliases.add(alias);
    from.aliases -= 1;
    to.aliases += 1;
    if (from.aliases > 0) return;
    this.moves.push({ from: from.id, to: to.id });
    // Nameless from now on: whoever gets the old name later is somebody else.
    this.rename(from, null);
  }

  private rename(user: UserRow, name: string | null): void {
    if (user.principalName && this.byName.get(user.principalName) === user) this.byName.delete(user.principalName);
    user.principalName = name;
    if (name !== null) this.byName.set(name, user);
  }
}

function columnsOf(user: UserRow): string {
  return JSON.stringify([user.principalName, user.displayName, user.email, user.managedAppleId]);
}

function describe(user: UserRow, record: UserRecord, isHome: boolean): void {
  const tell = (ours: string | null, theirs: string | null): string | null => {
    const told = theirs?.trim() || null;
    return isHome ? told : (ours ?? told);
  };
  user.displayName = tell(user.displayName, record.displayName);
  user.email = tell(user.email, record.email);
  user.managedAppleId = tell(user.managedAppleId, record.managedAppleId);
}
