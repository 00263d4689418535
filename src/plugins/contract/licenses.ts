import type { Licensing } from "./steps.js";

/** Every `TargetTokenState`. */
export const TARGET_TOKEN_STATES = ["valid", "expired", "invalid", "claimed-elsewhere"] as const;

/** `claimed-elsewhere`: Apple told the product that another MDM has this location. */
export type TargetTokenState = (typeof TARGET_TOKEN_STATES)[number];

/** A content token that the product holds. */
export interface TargetToken {
  /** The product's id of it: stable, unique within the Target. */
  readonly externalId: string;
  readonly name: string;
  /** Who bought. */
  readonly organization: string | null;
  /** Apple's location id (`uId`) when the product knows it; two writers for one location are refused by it. */
  readonly locationId: string | null;
  /** Apple's name of the location, when the product knows it: where no id is known, an equal one is warned of. */
  readonly locationName: string | null;
  /** The store's country, two letters of ISO 3166-1. */
  readonly country: string | null;
  readonly expiresAt: Date | null;
  readonly state: TargetTokenState;
}

/** One app of such a token, with the product's counts as read. */
export interface TargetApp {
  /** Apple's numeric id as text. */
  readonly adamId: string;
  /** Apple's word for what was bought: `STDQ` unless the product says otherwise. */
  readonly pricingParam: "STDQ" | "PLUS";
  readonly name: string;
  readonly bundleId: string | null;
  /** Apple's `supportedPlatforms`: iOS, macOS, tvOS, watchOS, visionOS. */
  readonly platforms: readonly string[];
  /** Whether a device may hold a licence of it. */
  readonly deviceAssignable: boolean;
  /** Licences bought. */
  readonly totalCount: number;
  /** Licences in use, as the product counts them. */
  readonly assignedCount: number;
}

/** Who holds a licence in the product's books. */
export interface TargetLicenseHolder {
  readonly kind: Licensing;
  /** `externalId` of the user or device. */
  readonly externalId: string;
}

export interface ListPage<T> {
  readonly records: readonly T[];
  /** The cursor of the next page: opaque, never the same twice in one listing; null on the last page. */
  readonly next: string | null;
}

/** With authority `target` only: the product's own licence books. Each call throws `PluginError`, as those of a Connection. */
export interface TargetLicenses {
  /** All tokens that the product holds. */
  tokens(signal: AbortSignal): Promise<readonly TargetToken[]>;
  /** Ask the product to read from Apple now. `finished: false`: it is at it; called again a little later. */
  sync(tokenExternalId: string, signal: AbortSignal): Promise<{ readonly finished: boolean }>;
  /** A page of a token's apps; `cursor` null for the first, then each page's `next`. */
  apps(tokenExternalId: string, cursor: string | null, signal: AbortSignal): Promise<ListPage<TargetApp>>;
  /** A page of who holds licences of one app. */
  holders(
    tokenExternalId: string,
    adamId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<ListPage<TargetLicenseHolder>>;
  /**
   * Take licences back, of 1 to 500 holders. Returning one that is not held is done, not an error. What ails one token or app
   * alone, such as a token that has expired, is `rejected`: the others go on, and it is asked for again later.
   * `finished: false`: the product is at it; called again a little later with the same holders, for an hour at most. Nothing is as good
   * as finished.
   */
  revoke(
    tokenExternalId: string,
    adamId: string,
    holders: readonly TargetLicenseHolder[],
    signal: AbortSignal,
  ): Promise<{ readonly finished: boolean } | undefined>;
}
