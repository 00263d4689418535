import { createHash } from "node:crypto";
import type { SeededRandom } from "../random.js";
import type { Asset, PricingParam } from "./asset.js";
import { Assets } from "./assets.js";
import { type Assignment, Assignments, type Holder } from "./assignments.js";
import type { CatalogItem } from "./catalog.js";
import { type ContentToken, createContentToken } from "./content-token.js";
import { EventLog } from "./event-log.js";
import type { Switches } from "./switches.js";
import { type User, Users } from "./users.js";

export type Platform = "enterprisestore" | "volumestore";

export interface MdmInfo {
  id: string;
  name: string;
  metadata: string;
}

export interface NotificationSettings {
  url: string | undefined;
  authToken: string | undefined;
  types: string[];
}

export interface LocationIdentity {
  readonly uId: string;
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
  mdmInfo: MdmInfo | undefined;

  constructor(
    readonly identity: LocationIdentity,
    readonly random: SeededRandom,
    switches: Switches,
  ) {
    const newId = () => random.uuid();
    this.assets = new Assets(newId);
    this.assignments = new Assignments(newId);
    this.users = new Users(newId);
    this.events = new EventLog(newId, switches);
  }

  /** The newest token: what an admin who downloads a file now would have. */
  get token(): ContentToken {
    const newest = this.tokens.at(-1);
    if (newest === undefined) throw new Error(`Location ${this.identity.uId} has no token yet.`);
    return newest;
  }

  /** A download of a new token, which revokes the earlier ones. */
  downloadToken(expiresAt: Date): ContentToken {
    for (const token of this.tokens) token.revoked = true;
    const token = createContentToken(this.random.bytes(66), this.identity.organizationName, expiresAt);
    this.tokens.push(token);
    return token;
  }

  purchase(item: CatalogItem, pricingParam: PricingParam, count: number): Asset {
    const asset = this.assets.find(item.adamId, pricingParam) ?? this.assets.add(item, pricingParam, 0);
    asset.totalCount += count;
    this.assets.versions.touch(asset);
    return asset;
  }

  /** Takes licences back, assigned or not: the assignments stay. */
  refund(asset: Asset, count: number): void {
    asset.totalCount -= count;
    this.assets.versions.touch(asset);
  }

  assign(asset: Asset, holder: Holder): Assignment {
    const assignment = this.assignments.add(asset, holder);
    this.#touch(assignment);
    return assignment;
  }

  unassign(assignment: Assignment): void {
    this.assignments.remove(assignment);
    this.#touch(assignment);
  }

  /** A new Registered user with an invitation. */
  register(clientUserId: string, email: string | undefined): User {
    const user = this.users.add(clientUserId, email, this.random.bytes(16).toString("hex"));
    this.users.versions.touch(user);
    return user;
  }

  changeEmail(user: User, email: string): void {
    user.email = email;
    this.users.versions.touch(user);
  }

  linkAccount(user: User, idHash: string): void {
    this.users.link(user, idHash);
    this.users.versions.touch(user);
  }

  /** Frees the revocable licences; irrevocable ones stay with the retired user and count as retired. */
  retire(user: User): void {
    for (const assignment of [...user.assignments]) {
      if (assignment.asset.item.revocable) this.unassign(assignment);
      else {
        assignment.asset.retiredCount += 1;
        this.#touch(assignment);
      }
    }
    this.users.retire(user);
    this.users.versions.touch(user);
  }

  /** Gives what changed since the last commit new version ids. */
  commit(): void {
    this.assets.versions.commit();
    this.assignments.versions.commit();
    this.users.versions.commit();
  }

  #touch(assignment: Assignment): void {
    this.assignments.versions.touch(assignment);
    this.assets.versions.touch(assignment.asset);
  }
}

/** How the location shows an Apple Account: base64 of 20 bytes. */
export function idHashOf(appleAccount: string): string {
  return createHash("sha1").update(appleAccount.toLowerCase()).digest("base64");
}
