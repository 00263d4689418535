import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { Role } from "../entities/role.js";
import { requireTokenScopedKey } from "../queries/node-key.js";
import { requireAccess } from "../schema/access.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  AbandonAppleOperationInput,
  AbandonAppleOperationPayload,
  RetryAppleOperationInput,
  RetryAppleOperationPayload,
} from "../schema/mutations/operation-mutations.js";
import { retryOperation } from "../sync/deployments/retry-operation.js";
import { abandonOperation, prepareAbandonment } from "../sync/licenses/abandon-operation.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class OperationMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => RetryAppleOperationPayload, {
    description:
      "Tries an operation at Apple again. One that is not over looks at Apple first and sends only what is not so; what a failed one did not achieve is asked for anew, as far as it is still wanted.",
  })
  async retryAppleOperation(
    @Ctx() context: Context,
    @Input(() => RetryAppleOperationInput) input: RetryAppleOperationInput,
  ): Promise<RetryAppleOperationPayload> {
    const { tokenId, id, requestedAnewCount } = await change(context, "retryAppleOperation", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(AppleOperation, input.appleOperation);
        return { ...key, requestedAnewCount: await retryOperation(tx, context.core, key, context.actor) };
      },
    });
    return { appleOperation: await context.loaders.require(AppleOperation, tokenId, id), requestedAnewCount };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => AbandonAppleOperationPayload, {
    description:
      "Gives up on an operation that is stuck. Apple is asked once more: what is so is settled, what is not so is released. Without Apple's word nothing is released, and what may leak is said.",
  })
  async abandonAppleOperation(
    @Ctx() context: Context,
    @Input(() => AbandonAppleOperationInput) input: AbandonAppleOperationInput,
  ): Promise<AbandonAppleOperationPayload> {
    const { core, loaders, actor } = context;
    const { force } = input;
    if (force) {
      const rule = { role: Role.ADMIN, allTeams: false, own: false };
      requireAccess(context.access, rule, "To give up an operation without Apple's word");
    }
    const { tokenId, id, ...counts } = await change(context, "abandonAppleOperation", input, {
      prepare: () => prepareAbandonment(core, requireTokenScopedKey(AppleOperation, input.appleOperation), { force }),
      commit: async (tx, prepared) => {
        const { settled, released, mayLeak } = await abandonOperation(tx, core, prepared, actor);
        const { tokenId, id } = prepared.operation;
        return { tokenId, id, settledCount: settled, releasedCount: released, mayLeakCount: mayLeak };
      },
    });
    return { appleOperation: await loaders.require(AppleOperation, tokenId, id), ...counts };
  }
}
