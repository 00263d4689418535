import type { Access, AccessedContext } from "../schema/access.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import { LiveUpdates } from "./live-updates.js";
import { Loaders } from "./loaders.js";

/** What every resolver of one request shares. Whoever got this far is known: see `http/authentication`. */
export interface Context extends AccessedContext {
  readonly core: Core;
  /** Who asks, as it stands in the ledger. */
  readonly actor: string;
  /** Names the request in the log, in audit events and in the answer's header. */
  readonly requestId: string;
  readonly loaders: Loaders;
  /** One for the whole process. */
  readonly live: LiveUpdates;
}

/** Makes the context of a request, given who asks and its name. */
export type CreateContext = (access: Access, requestId: string) => Context;

/** Makes the contexts of this process. */
export function createContexts(core: Core, changes: ChangeFeed): CreateContext {
  const live = new LiveUpdates(core, changes);
  return (access, requestId) => ({
    core,
    access,
    actor: access.actor,
    requestId,
    loaders: new Loaders(core.dataSource),
    live,
  });
}
