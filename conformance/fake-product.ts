/** A device as its product knows it. */
export interface EnrolledDevice {
  /** What the plugin has to report as its `externalId`. */
  readonly externalId: string;
  /** What it has to report as its `serial`; null when the product does not know serial numbers. */
  readonly serial: string | null;
  /** `externalId` of its user; null for a device without one. */
  readonly userExternalId: string | null;
}

export interface FakeCollection {
  /** What the plugin has to report as its `externalId`. */
  readonly externalId: string;
  readonly memberExternalIds: readonly string[];
}

export interface FakeProductOptions {
  /** Where the product has to send its webhooks to, if it sends any. */
  readonly webhookUrl: string;
  /** Where on 127.0.0.1 it has to listen; left out, as by the kit: at any free port. */
  readonly port?: number;
  /** How many records the product puts on a page at most, if its lists have pages. */
  readonly pageSize: number;
  /** The app that is installed. With authority `target` the product has so many licences of it. */
  readonly app: {
    readonly adamId: string;
    readonly bundleId: string;
    readonly name: string;
    readonly licenses: number;
  };
}

/**
 * What the author of a plugin supplies: a server that speaks the product's protocol, and can be told what its devices do.
 * It works as it should; what goes wrong on the way is the kit's to do.
 */
export interface FakeProduct {
  /** Where it listens, as `http://127.0.0.1:5000` or https; null when the product is a part of the plugin. */
  readonly address: string | null;
  /** Of one that speaks https: its key and certificate as PEM, which the kit's server in front of it shows as well. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The settings of a Target that reaches the product at this address, which is the kit's server. */
  settings(address: string): Record<string, unknown>;
  /**
   * A device enrols.
   * @param device `hasUser`: with a user of its own. `refuses`: it refuses every install.
   */
  enroll(device: { readonly hasUser: boolean; readonly refuses: boolean }): Promise<EnrolledDevice>;
  /**
   * With collections in the plugin's abilities: makes one of these members. A product whose collections are given shows one of
   * them, another at each call.
   */
  addCollection?(name: string, kind: "user" | "device", memberExternalIds: readonly string[]): Promise<FakeCollection>;
  /** With `releases`, authority `target` and collections: one more member joins a collection that `addCollection` has made. */
  joinCollection?(collectionExternalId: string, memberExternalId: string): void | Promise<void>;
  /**
   * Every device reports to the product, does what waits for it and tells how it went. Resolves when that is done, and
   * when the webhooks that come of it have been sent.
   */
  checkIn(): Promise<void>;
  /** Whether the app is on the device. */
  hasApp(deviceExternalId: string, adamId: string): boolean | Promise<boolean>;
  /** How many orders to install the app the product holds or has carried out for the device; one however often it is told. */
  installOrders(deviceExternalId: string, adamId: string): number | Promise<number>;
  /** With `invites` in the plugin's abilities: the invitations that people were shown on the device, by their links. */
  invitationsShown?(deviceExternalId: string): readonly string[] | Promise<readonly string[]>;
  /** Somebody takes the app off the device by hand. */
  removeByHand(deviceExternalId: string, adamId: string): void | Promise<void>;
  stop(): Promise<void>;
}

/** Starts a fresh product; each check has its own. */
export type StartFakeProduct = (options: FakeProductOptions) => Promise<FakeProduct>;
