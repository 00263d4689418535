import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import { LiveUpdates } from "./live-updates.js";
import { Loaders } from "./loaders.js";

/** Who holds the one API key of this installation, as it stands in the ledger. */
export const ADMIN = "admin";

/** What every resolver of one request shares. Whoever got this far is known: see `http/authenticate.ts`. */
export interface Context {
  readonly core: Core;
  /** Who asks, as it stands in the ledger. */
  readonly actor: string;
  readonly loaders: Loaders;
  /** One for the whole process. */
  readonly live: LiveUpdates;
}

/** Makes the context of each request of this process, given who asks. */
export function createContexts(core: Core, changes: ChangeFeed): (actor: string) => Context {
  const live = new LiveUpdates(core, changes);
  return (actor) => ({ core, actor, loaders: new Loaders(core.dataSource), live });
}
