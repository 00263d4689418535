import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { SyncRun } from "../entities/sync-run.js";
import { requireTokenScopedKey } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { CancelSyncRunInput, CancelSyncRunPayload } from "../schema/mutations/sync-run-mutations.js";
import { cancelSyncRun } from "../sync/tokens/cancel-sync-run.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class SyncRunMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => CancelSyncRunPayload, {
    description: "Stops a synchronisation. What it had merged until then stays; the next one reads the rest.",
  })
  async cancelSyncRun(
    @Ctx() context: Context,
    @Input(() => CancelSyncRunInput) input: CancelSyncRunInput,
  ): Promise<CancelSyncRunPayload> {
    const { tokenId, id } = await change(context, "cancelSyncRun", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(SyncRun, input.syncRun);
        await cancelSyncRun(tx, context.core, key);
        return key;
      },
    });
    return { syncRun: await context.loaders.require(SyncRun, tokenId, id) };
  }
}
