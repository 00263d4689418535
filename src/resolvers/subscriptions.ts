import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import { Alert } from "../entities/alert.js";
import { Allow } from "../entities/allow.js";
import { Deployment } from "../entities/deployment.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { SyncRun } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { liveAlerts } from "../queries/live-alerts.js";
import { liveDeployments } from "../queries/live-deployments.js";
import { liveSyncRuns } from "../queries/live-sync-runs.js";
import { type NodeClass, type NodeKey, requireNodeKey } from "../queries/node-key.js";
import { refuseOversize } from "../queries/page-size.js";
import { tokenKeys } from "../queries/token-keys.js";
import type { Context } from "./context.js";
import { nodesOf } from "./live-updates.js";

interface Subscribed {
  readonly context: Context;
  readonly args: { readonly token?: string | null };
}

interface SomeSubscribed {
  readonly context: Context;
  readonly args: { readonly ids?: readonly string[] | null };
}

@Resolver()
export class Subscriptions {
  @Allow(Role.VIEWER)
  @Subscription(() => SyncRun, {
    description:
      "First the newest synchronisation of each token, and all that ended within the last hour; then each one as it changes, at most five times a second, up to its end. After an interruption that is told again: what is told may repeat, and no end is left out, unless who listens was away for more than an hour. Limited to a token, it is complete when the token is removed.",
    subscribe: followSyncRuns,
  })
  syncRunChanged(@Root() run: SyncRun, @TokenArg() _token?: string | null): SyncRun {
    return run;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => Token, {
    description:
      "First each token, then each one whose `health` has changed, and those that are added, or given to a team of the caller's. After an interruption every token is told again: what is told may repeat, and no last state is left out. Limited to a token, it is complete when the token is removed; otherwise a removal is not told.",
    subscribe: followTokenHealth,
  })
  tokenHealthChanged(@Root() token: Token, @TokenArg() _token?: string | null): Token {
    return token;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => Alert, {
    description:
      "First each alert that is not over (of more than 10,000 the newest), and each that was cleared within the last hour; then each one that is raised, worded anew or cleared. After an interruption that is told again: what is told may repeat, and no end is left out, unless who listens was away for more than an hour.",
    subscribe: followAlerts,
  })
  alertsChanged(@Root() alert: Alert): Alert {
    return alert;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => StoreApp, {
    description:
      "First each of these apps, then each one that has changed, as when licences are claimed, returned, bought or counted anew, or that is given to a team of the caller's, at most five times a second. What is kept elsewhere (`waiting`, `reservedCount`, `warning`, `forecast`, `licenseHistory`, and fields of other objects, such as the token's name) is told along, and not for its own sake. After an interruption all are told again: what is told may repeat, and no last state is left out. An app that is gone is not told of.",
    subscribe: followStoreApps,
  })
  storeAppChanged(
    @Root() app: StoreApp,
    @Arg("ids", () => [ID], { description: "Of these apps, such as those of a page; at most 500." }) _ids: string[],
  ): StoreApp {
    return app;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => Deployment, {
    description:
      "First each of these deployments, then each one that has changed, or whose installations have, and that is made, at most five times a second: so `installationCounts` stay right. After an interruption all are told again: what is told may repeat, and no last state is left out; without `ids` no deletion is, unless who listens was away for more than an hour.",
    subscribe: followDeployments,
  })
  deploymentChanged(
    @Root() deployment: Deployment,
    @Arg("ids", () => [ID], {
      nullable: true,
      description:
        "Of these deployments, deleted ones too; at most 500. If left out, of all: first those that were not deleted (of more than 10,000 the newest), or within the last hour.",
    })
    _ids?: string[] | null,
  ): Deployment {
    return deployment;
  }
}

function TokenArg(): ParameterDecorator {
  return Arg("token", () => ID, { nullable: true, description: "Only of this token." }) as ParameterDecorator;
}

async function followSyncRuns({ context, args }: Subscribed): Promise<AsyncIterable<readonly SyncRun[]>> {
  const { core, scoped, live } = context;
  const tokenId = await limitedTo(context, args.token);
  return live.follow<SyncRun>(scoped, {
    ...nodesOf(SyncRun, () => liveSyncRuns(scoped, tokenId, core.clock.now())),
    topic: "sync_run",
    tokenId,
    isUnderWay: (run) => run.endedAt === null,
  });
}

async function followTokenHealth({ context, args }: Subscribed): Promise<AsyncIterable<readonly Token[]>> {
  const { scoped, live } = context;
  const tokenId = await limitedTo(context, args.token);
  return live.follow<Token>(scoped, {
    ...nodesOf(Token, async () => (tokenId === null ? tokenKeys(scoped) : [[tokenId]])),
    topic: "token",
    tokenId,
    isUnderWay: () => false,
  });
}

/** @throws AppError NOT_FOUND when there is no such token. */
async function limitedTo({ loaders }: Context, token: string | null | undefined): Promise<string | null> {
  return token == null ? null : (await loaders.byGlobalId(Token, token)).id;
}

function followAlerts({ context: { core, scoped, live } }: Subscribed): AsyncIterable<readonly Alert[]> {
  return live.follow<Alert>(scoped, {
    ...nodesOf(Alert, () => liveAlerts(scoped, core.clock.now())),
    topic: "alert",
    tokenId: null,
    isUnderWay: (alert) => alert.clearedAt === null,
  });
}

/** @throws AppError LIMIT_EXCEEDED for more than a page of them, NOT_FOUND for what can be no app's id. */
function followStoreApps({ context: { scoped, live }, args }: SomeSubscribed): AsyncIterable<readonly StoreApp[]> {
  const keys = keysOf(StoreApp, args.ids ?? []);
  return live.follow<StoreApp>(scoped, {
    ...nodesOf(StoreApp, async () => keys),
    topic: "store_app",
    tokenId: null,
    only: joined(keys),
    isUnderWay: () => false,
  });
}

/** @throws AppError LIMIT_EXCEEDED for more than a page of them, NOT_FOUND for what can be no deployment's id. */
function followDeployments({
  context: { core, scoped, live },
  args,
}: SomeSubscribed): AsyncIterable<readonly Deployment[]> {
  const keys = args.ids ? keysOf(Deployment, args.ids) : null;
  return live.follow<Deployment>(scoped, {
    ...nodesOf(Deployment, async () => keys ?? (await liveDeployments(scoped, core.clock.now()))),
    topic: "deployment",
    tokenId: null,
    ...(keys && { only: joined(keys) }),
    isUnderWay: ({ deletedAt }) => keys === null && deletedAt === null,
  });
}

function keysOf(node: NodeClass, ids: readonly string[]): NodeKey[] {
  refuseOversize(ids.length);
  return ids.map((id) => requireNodeKey(node, id));
}

function joined(keys: readonly NodeKey[]): ReadonlySet<string> {
  return new Set(keys.map((key) => key.join(":")));
}
