import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import type { World } from "../../test/model/world.js";
import { ApiRefusal } from "../api.js";
import type { OurSide } from "../our-side.js";
import type { TransactionWatch } from "../watch-transactions.js";
import type { Product } from "./mdm/product.js";
import type { ModelService } from "./service.js";
import type { Watch } from "./watch.js";

/** Everything one history is played with: the model's world, and the real things that stand for it. */
export interface Stage {
  readonly world: World;
  readonly simulator: AppleSimulator;
  readonly product: Product;
  readonly service: ModelService;
  readonly ours: OurSide;
  readonly transactions: TransactionWatch;
  readonly watch: Watch;
  readonly names: Names;
  /** Global ids. */
  readonly token: string;
  readonly target: string;
  /** A call of the Apple simulator's control plane. @returns false when it refused. */
  control(call: string, input?: Record<string, unknown>): Promise<boolean>;
}

/** What the model's names stand for here. */
export interface Names {
  readonly adamIds: ReadonlyMap<string, string>;
  /** Global ids of apps, collections, devices and users. */
  readonly ids: Map<string, string>;
  /** The deployment there is, by app and collection. */
  readonly deployments: Map<string, string>;
  /** App and collection of every deployment there ever was, by global id. */
  readonly wishes: Map<string, { readonly app: string; readonly collection: string }>;
}

/** The serial number of a model's device, as Apple writes them, and back. */
export function serialOf(device: string): string {
  return device.toUpperCase();
}

export function deviceOf(serial: string): string {
  return serial.toLowerCase();
}

/** The global id that a name stands for. */
export function idOf({ names }: Stage, name: string): string {
  const id = names.ids.get(name);
  if (id === undefined) throw new Error(`Nothing here is called "${name}"`);
  return id;
}

/** Asks the API for a change. @returns null when it is done, else the refusal. */
export async function attempt(
  stage: Stage,
  operation: string,
  variables: Record<string, unknown>,
): Promise<string | null> {
  try {
    await stage.service.ask(operation, variables);
    return null;
  } catch (error) {
    if (error instanceof ApiRefusal) return error.message;
    throw error;
  }
}
