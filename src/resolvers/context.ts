import type { Scoped } from "../queries/scopes.js";
import type { Access, AccessedContext, MutationCall } from "../schema/access.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import { LiveUpdates } from "./live-updates.js";
import { Loaders } from "./loaders.js";
import { type Mutation, mutate } from "./mutate.js";

/** What every resolver of one request shares. Whoever got this far is known: see `http/authentication`. */
export interface Context extends AccessedContext {
  readonly core: Core;
  /** Who asks, as it stands in the ledger. */
  readonly actor: string;
  /** Names the request in the log, in audit events and in the answer's header. */
  readonly requestId: string;
  /** For statements that are no loader's. */
  readonly scoped: Scoped;
  readonly loaders: Loaders;
  /** What is being made; null outside a mutation. */
  readonly mutation: Mutation | null;
  /** One for the whole process. */
  readonly live: LiveUpdates;
  mutate(call: MutationCall, make: (context: Context) => unknown): Promise<unknown>;
}

/** Makes the context of a request, given who asks and its name. */
export type CreateContext = (access: Access, requestId: string) => Context;

/** Makes the contexts of this process. */
export function createContexts(core: Core, changes: ChangeFeed): CreateContext {
  const live = new LiveUpdates(core, changes);
  return (access, requestId) => {
    const scoped: Scoped = { db: core.dataSource, teams: access.teams };
    const context: Context = {
      core,
      access,
      actor: access.actor,
      requestId,
      scoped,
      loaders: new Loaders(scoped),
      live,
      mutation: null,
      mutate: (call, make) => mutate(context, call, make),
    };
    return context;
  };
}
