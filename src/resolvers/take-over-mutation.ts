import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { SyncRun } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { requireId } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { TakeOverTokenInput, TakeOverTokenPayload } from "../schema/mutations/take-over-token.js";
import { planTokenTakeOver, prepareTakeOver, takeOverToken } from "../sync/tokens/take-over-token.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class TakeOverMutation {
  @Allow(Role.ADMIN)
  @Mutation(() => TakeOverTokenPayload, {
    description:
      "Claims a location although another holds it, and adopts the licences and registrations there. Apple does not stop the other: take the token from it first, or both undo each other's work.",
  })
  async takeOverToken(
    @Ctx() context: Context,
    @Input(() => TakeOverTokenInput) input: TakeOverTokenInput,
  ): Promise<TakeOverTokenPayload> {
    const { core, loaders } = context;
    const { tokenId, syncRunId, plan } = await change(context, "takeOverToken", input, {
      prepare: () => prepareTakeOver(core, requireId(Token, input.token)),
      commit: async (tx, prepared) => {
        const { tokenId } = prepared;
        const plan = await planTokenTakeOver(tx, prepared);
        return { tokenId, plan, syncRunId: input.dryRun ? null : await takeOverToken(tx, core, prepared) };
      },
    });
    const withApp = async ({ storeAppId, ...counts }: (typeof plan.apps)[number]) => ({
      ...counts,
      storeApp: await loaders.require(StoreApp, tokenId, storeAppId),
    });
    return {
      token: await loaders.require(Token, tokenId),
      plan: { ...plan, apps: await Promise.all(plan.apps.map(withApp)) },
      syncRun: await loaders.find(SyncRun, tokenId, syncRunId),
    };
  }
}
