import { createHash } from "node:crypto";
import type { SeededRandom } from "../random.js";
import type { Asset, PricingParam } from "./asset.js";
import { Assets } from "./assets.js";
import { type Assignment, Assignments, type Holder } from "./assignments.js";
import type { CatalogItem } from "./catalog.js";
import { ContentToken, type TokenKind } from "./content-token.js";
import { Distortions } from "./distortions.js";
import { EventLog } from "./events/event-log.js";
import { Announcer } from "./notifications/announcer.js";
import { type NotificationSettings, Notifier } from "./notifications/notifier.js";
import type { Switches } from "./switches.js";
import { type User, Users } from "./users.js";

export type Platform = "enterprisestore" | "volumestore";

export interface MdmInfo {
  id: string;
  name: string;
  metadata: string;
}

export interface LocationIdentity {
  /** Not fixed, so that a token can be made to open another location. */
  uId: string;
  readonly name: string;
  readonly platform: Platform;
  readonly countryCode: string;
  readonly organizationName: string;
  /** Managed Apple Accounts of this domain can be linked without an invitation. */
  readonly domain: string;
}

/**
 * One location of an organisation: what its token opens. Every change of its data goes through a method here and becomes
 * a new version of the lists it touches with `commit`, which the caller calls once a change as a whole is done.
 */
export class Location {
  readonly assets: Assets;
  readonly assignments: Assignments;
  readonly users: Users;
  readonly events: EventLog;
  /** In the order of download; the last one is the newest. */
  readonly tokens: ContentToken[] = [];
  readonly notifications: NotificationSettings = { url: undefined, authToken: undefined, types: [] };
  readonly notifier: Notifier;
  readonly announce: Announcer;
  mdmInfo: MdmInfo | undefined;
  readonly #switches: Switches;
  readonly distortions = new Distortions();
  readonly #removed = new Map<string, { asset: Asset; holders: Holder[] }>();
  readonly #lagging = new Set<NodeJS.Timeout>();

  constructor(
    readonly identity: LocationIdentity,
    readonly random: SeededRandom,
    notificationRandom: SeededRandom,
    switches: Switches,
  ) {
    this.#switches = switches;
    const newId = () => random.uuid();
    this.assets = new Assets(newId, switches);
    this.assignments = new Assignments(newId, switches);
    this.users = new Users(newId, switches);
    this.notifier = new Notifier(this.notifications, identity, notificationRandom, switches);
    this.announce = new Announcer(this.notifier);
    this.events = new EventLog(newId, switches, this.notifier, () => this.commit());
  }

  /** The account that downloads tokens unless another one is named. */
  get administrator(): string {
    return `admin@${this.identity.domain}`;
  }

  /** The newest token: what an admin who downloads a file now would have. */
  get token(): ContentToken {
    const newest = this.tokens.at(-1);
    if (newest === undefined) throw new Error(`Location ${this.identity.uId} has no token yet.`);
    return newest;
  }

  /** A download of a new token, which revokes the earlier ones at once or later, as the switch `renewalRevokes` says. */
  downloadToken(expiresAt: Date, account = this.administrator, kind: TokenKind = "full"): ContentToken {
    const { renewalRevokes, renewalRevokesAfterMs } = this.#switches;
    const at = new Date(Date.now() + (renewalRevokes === "later" ? renewalRevokesAfterMs : 0));
    for (const token of this.tokens) token.revokeAt(at);
    const { organizationName } = this.identity;
    const token = new ContentToken(this.random.bytes(66), organizationName, account, kind, expiresAt);
    this.tokens.push(token);
    return token;
  }

  purchase(item: CatalogItem, pricingParam: PricingParam, count: number): Asset {
    const asset = this.assets.find(item.adamId, pricingParam) ?? this.assets.add(item, pricingParam, 0);
    asset.totalCount += count;
    this.#recount(asset);
    return asset;
  }

  /** Takes licences back, assigned or not: the assignments stay. */
  refund(asset: Asset, count: number): void {
    asset.totalCount -= count;
    this.#recount(asset);
  }

  /** Takes the asset out of the list, with its assignments unless they are kept; answers how many went. */
  removeAsset(asset: Asset, keepAssignments: boolean): number {
    const gone = keepAssignments ? [] : [...asset.assignments].filter(({ removed }) => !removed);
    for (const assignment of gone) this.unassign(assignment);
    if (!keepAssignments) asset.retiredCount = 0;
    this.assets.remove(asset);
    this.assets.versions.touch(asset);
    this.#removed.set(asset.key, { asset, holders: gone.map(({ holder }) => holder) });
    return gone.length;
  }

  /** Undoes `removeAsset`, except for users who have retired meanwhile; undefined for an asset that was not removed. */
  restoreAsset(key: string): Asset | undefined {
    const removed = this.#removed.get(key);
    if (removed === undefined) return undefined;
    this.#removed.delete(key);
    this.assets.put(removed.asset);
    this.assets.versions.touch(removed.asset);
    for (const holder of removed.holders) {
      if (holder.kind === "device" || holder.status !== "Retired")
        this.assign(removed.asset, currentHolder(this, holder));
    }
    return removed.asset;
  }

  /** Whether `removeAsset` took it out. */
  isRemoved(key: string): boolean {
    return this.#removed.has(key);
  }

  /** @param lagMs until the lists show it; the licence is taken at once. */
  assign(asset: Asset, holder: Holder, lagMs = 0): Assignment {
    const assignment = this.assignments.add(asset, holder);
    this.#afterLag(lagMs, () => {
      this.assignments.list(assignment);
      if (assignment.listed) this.#touch(assignment);
    });
    return assignment;
  }

  /** @param lagMs until the lists no longer show it; the licence is free at once. */
  unassign(assignment: Assignment, lagMs = 0): void {
    this.assignments.remove(assignment);
    this.#afterLag(lagMs, () => {
      this.assignments.unlist(assignment);
      this.#touch(assignment);
    });
  }

  heldBy(holder: Holder): Assignment[] {
    return holder.assignments.filter(({ removed }) => !removed);
  }

  /** A new Registered user with an invitation. */
  register(clientUserId: string, email: string | undefined, lagMs = 0): User {
    const user = this.users.add(clientUserId, email, this.random.bytes(16).toString("hex"));
    this.#show(user, lagMs);
    return user;
  }

  changeEmail(user: User, email: string, lagMs = 0): void {
    user.email = email;
    this.#show(user, lagMs);
  }

  linkAccount(user: User, idHash: string, lagMs = 0): void {
    this.users.link(user, idHash);
    this.#show(user, lagMs);
  }

  /** Frees the revocable licences, and answers them; irrevocable ones stay with the retired user and count as retired. */
  retire(user: User, lagMs = 0): Assignment[] {
    const held = this.heldBy(user);
    const freed = held.filter(({ asset }) => asset.item.revocable);
    for (const assignment of freed) this.unassign(assignment, lagMs);
    for (const assignment of held.filter(({ removed }) => !removed)) {
      assignment.asset.retiredCount += 1;
      this.#touch(assignment);
    }
    this.users.retire(user);
    this.#show(user, lagMs);
    return freed;
  }

  /** Gives what changed since the last commit new version ids. */
  commit(): void {
    this.assets.versions.commit();
    this.assignments.versions.commit();
    this.users.versions.commit();
  }

  /** Drops what would still happen, so that nothing keeps the process alive. */
  close(): void {
    this.events.close();
    this.notifier.close();
    for (const timer of this.#lagging) clearTimeout(timer);
  }

  #afterLag(lagMs: number, change: () => void): void {
    if (lagMs <= 0) {
      change();
      return;
    }
    const timer = setTimeout(() => {
      this.#lagging.delete(timer);
      change();
      this.commit();
    }, lagMs);
    this.#lagging.add(timer);
  }

  #show(user: User, lagMs: number): void {
    this.#afterLag(lagMs, () => {
      this.users.show(user);
      this.users.versions.touch(user);
    });
  }

  #recount(asset: Asset): void {
    this.#afterLag(this.#switches.countLagMs, () => {
      asset.count();
      this.assets.versions.touch(asset);
    });
  }

  #touch(assignment: Assignment): void {
    this.assignments.versions.touch(assignment);
    this.#recount(assignment.asset);
  }
}

/** A device that held nothing else meanwhile is another object by now. */
function currentHolder({ assignments }: Location, holder: Holder): Holder {
  return holder.kind === "device" ? assignments.device(holder.serialNumber) : holder;
}

/** How the location shows an Apple Account: base64 of 20 bytes. */
export function idHashOf(appleAccount: string): string {
  return createHash("sha1").update(appleAccount.toLowerCase()).digest("base64");
}
