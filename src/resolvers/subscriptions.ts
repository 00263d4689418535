import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import { Alert } from "../entities/alert.js";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { SyncRun } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { newestSyncRuns } from "../queries/newest-sync-runs.js";
import { requireNodeKey } from "../queries/node-key.js";
import { openAlerts } from "../queries/open-alerts.js";
import { refuseOversize } from "../queries/page-size.js";
import { tokenKeys } from "../queries/token-keys.js";
import type { Context } from "./context.js";

interface Subscribed {
  readonly context: Context;
  readonly args: { readonly token?: string | null };
}

interface AppsSubscribed {
  readonly context: Context;
  readonly args: { readonly ids: readonly string[] };
}

@Resolver()
export class Subscriptions {
  @Allow(Role.VIEWER)
  @Subscription(() => SyncRun, {
    description:
      "First the newest synchronisation of each token, then each one as it changes, at most five times a second, up to its end. After an interruption the newest ones are told again: what is told may repeat, and no end is left out. Limited to a token, it is complete when the token is removed.",
    subscribe: followSyncRuns,
  })
  syncRunChanged(@Root() run: SyncRun, @TokenArg() _token?: string | null): SyncRun {
    return run;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => Token, {
    description:
      "First each token, then each one whose `health` has changed, and those that are added. After an interruption every token is told again: what is told may repeat, and no last state is left out. Limited to a token, it is complete when the token is removed; otherwise a removal is not told.",
    subscribe: followTokenHealth,
  })
  tokenHealthChanged(@Root() token: Token, @TokenArg() _token?: string | null): Token {
    return token;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => Alert, {
    description:
      "First each alert that is not over (of more than 10,000 the newest), then each one that is raised, worded anew or cleared. After an interruption those that are open, and those told as open, are told again: what is told may repeat, and no end of what was told is left out.",
    subscribe: followAlerts,
  })
  alertsChanged(@Root() alert: Alert): Alert {
    return alert;
  }

  @Allow(Role.VIEWER)
  @Subscription(() => StoreApp, {
    description:
      "First each of these apps, then each one that has changed, as when licences are claimed, returned, bought or counted anew, at most five times a second. `waiting` is told along, and not for its own sake. After an interruption all are told again: what is told may repeat, and no last state is left out. An app that is gone is not told of.",
    subscribe: followStoreApps,
  })
  storeAppChanged(
    @Root() app: StoreApp,
    @Arg("ids", () => [ID], { description: "Of these apps, such as those of a page; at most 500." }) _ids: string[],
  ): StoreApp {
    return app;
  }
}

function TokenArg(): ParameterDecorator {
  return Arg("token", () => ID, { nullable: true, description: "Only of this token." }) as ParameterDecorator;
}

async function followSyncRuns({ context, args }: Subscribed): Promise<AsyncIterable<SyncRun>> {
  const { scoped, live } = context;
  const tokenId = await limitedTo(context, args.token);
  return live.follow<SyncRun>(scoped, {
    node: SyncRun,
    topic: "sync_run",
    tokenId,
    snapshot: () => newestSyncRuns(scoped, tokenId),
    isUnderWay: (run) => run.endedAt === null,
  });
}

async function followTokenHealth({ context, args }: Subscribed): Promise<AsyncIterable<Token>> {
  const { scoped, live } = context;
  const tokenId = await limitedTo(context, args.token);
  return live.follow<Token>(scoped, {
    node: Token,
    topic: "token",
    tokenId,
    snapshot: async () => (tokenId === null ? tokenKeys(scoped) : [[tokenId]]),
    isUnderWay: () => false,
  });
}

/** @throws AppError NOT_FOUND when there is no such token. */
async function limitedTo({ loaders }: Context, token: string | null | undefined): Promise<string | null> {
  return token ? (await loaders.byGlobalId(Token, token)).id : null;
}

function followAlerts({ context: { scoped, live } }: Subscribed): AsyncIterable<Alert> {
  return live.follow<Alert>(scoped, {
    node: Alert,
    topic: "alert",
    tokenId: null,
    snapshot: () => openAlerts(scoped),
    isUnderWay: (alert) => alert.clearedAt === null,
  });
}

/** @throws AppError LIMIT_EXCEEDED for more than a page of them, NOT_FOUND for what can be no app's id. */
function followStoreApps({ context: { scoped, live }, args }: AppsSubscribed): AsyncIterable<StoreApp> {
  refuseOversize(args.ids.length);
  const keys = args.ids.map((id) => requireNodeKey(StoreApp, id));
  return live.follow<StoreApp>(scoped, {
    node: StoreApp,
    topic: "store_app",
    tokenId: null,
    only: new Set(keys.map((key) => key.join(":"))),
    snapshot: async () => keys,
    isUnderWay: () => false,
  });
}
