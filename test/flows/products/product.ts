import type { Plugin } from "../../../src/plugins/contract.js";

/**
 * An MDM product as the one story of `every-product.test.ts` meets it: all that differs between products before the story
 * begins, and what the product itself says when it is over. A product is one file here and one line in `index.ts`.
 */
export interface Product {
  /** The product in a test's title. */
  readonly name: string;
  readonly plugin: Plugin;
  /** Starts the product or its simulator anew; several may stand side by side. */
  start(wish: StageWish): Promise<Stage>;
}

export interface StageWish {
  /** How many devices it manages, none with a user. */
  readonly devices: number;
  /**
   * From 1, of this stage alone in its service: to be part of every serial number, of the location of its own token and of
   * the name of its collection, so that stages share nothing.
   */
  readonly number: number;
}

export interface Stage {
  /** What an admin gives to `addTarget`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Its devices' serial numbers, as the plugin reports them. */
  readonly serials: readonly string[];
  /** The name of a collection of exactly these devices that it lists; null where it lists nothing and tells by webhook only. */
  readonly collection: string | null;
  /** With authority `target`: an app of its own token, with a licence for each device. Otherwise Apple's first app is deployed. */
  readonly ownApp?: {
    readonly adamId: string;
    /** Licences in use, by the product's own books. */
    licensesUsed(): Promise<number>;
  };
  /** Called once when the target stands, with the address for its events; a product without listing tells of its devices then. */
  connected?(webhookUrl: string): Promise<void>;
  /** How many devices have the app, by the product's own word and not by the plugin's. */
  installedOn(adamId: string): Promise<number>;
  stop(): Promise<void>;
}

/** A name for each of so many things. */
export function numbered(count: number, name: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => name(index));
}
