import type { Deadline } from "../queries/deadline.js";
import { readWithin } from "../queries/read-within.js";
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
  /** By when reading ends. */
  readonly deadline: Deadline;
  readonly loaders: Loaders;
  /** The names of the request's mutations that were begun, each of which tells what became of it. */
  readonly begunMutations: string[];
  /** What is being made; null outside a mutation. */
  readonly mutation: Mutation | null;
  /** One for the whole process. */
  readonly live: LiveUpdates;
  mutate(call: MutationCall, make: (context: Context) => unknown): Promise<unknown>;
}

/** Makes the context of a request, given who asks, its name, and how long it may read. */
export type CreateContext = (access: Access, requestId: string, deadline: Deadline) => Context;

/** Makes the contexts of this process. */
export function createContexts(core: Core, changes: ChangeFeed): CreateContext {
  const live = new LiveUpdates(core, changes);
  return (access, requestId, deadline) => {
    const scoped: Scoped = { db: readWithin(core.dataSource, deadline), teams: access.teams };
    const context: Context = {
      core,
      access,
      actor: access.actor,
      requestId,
      scoped,
      deadline,
      loaders: new Loaders(scoped),
      live,
      begunMutations: [],
      mutation: null,
      mutate: (call, make) => mutate(context, call, make),
    };
    return context;
  };
}
