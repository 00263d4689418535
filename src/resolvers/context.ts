import type { Core } from "../sync/core.js";
import { Loaders } from "./loaders.js";

/** What every resolver of one request shares. Whoever got this far is known: see `http/authenticate.ts`. */
export interface Context {
  readonly core: Core;
  /** Who asks, as it stands in the ledger. */
  readonly actor: string;
  readonly loaders: Loaders;
}

export function createContext(core: Core, actor: string): Context {
  return { core, actor, loaders: new Loaders(core.dataSource) };
}
