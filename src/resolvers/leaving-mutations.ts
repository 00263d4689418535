import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Deployment } from "../entities/deployment.js";
import { Role } from "../entities/role.js";
import { requireTokenScopedKey } from "../queries/node-key.js";
import {
  DeleteDeploymentInput,
  DeleteDeploymentPayload,
  UpdateDeploymentInput,
  UpdateDeploymentPayload,
} from "../schema/mutations/leaving-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { deleteDeployment } from "../sync/deployments/delete-deployment.js";
import { updateDeployment } from "../sync/deployments/update-deployment.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { readNotice } from "./read-notice.js";

@Resolver()
export class LeavingMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => UpdateDeploymentPayload, {
    description: "Changes what becomes of those who leave a deployment, or its priority.",
  })
  async updateDeployment(
    @Ctx() context: Context,
    @Input(() => UpdateDeploymentInput) input: UpdateDeploymentInput,
  ): Promise<UpdateDeploymentPayload> {
    const changes = {
      ...(input.onLeave && { onLeave: input.onLeave }),
      ...(typeof input.priority === "number" && { priority: input.priority }),
    };
    const { tokenId, id } = await change(context, "updateDeployment", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(Deployment, input.deployment);
        await updateDeployment(tx, context.core, key, changes);
        return key;
      },
    });
    return { deployment: await context.loaders.require(Deployment, tokenId, id) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => DeleteDeploymentPayload, {
    description:
      "Deletes a deployment: its apps and licences follow its `onLeave`. It stays to be read; deleted again, nothing more happens but what another `onLeave` asks for.",
  })
  async deleteDeployment(
    @Ctx() context: Context,
    @Input(() => DeleteDeploymentInput) input: DeleteDeploymentInput,
  ): Promise<DeleteDeploymentPayload> {
    const { key, deletion } = await change(context, "deleteDeployment", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(Deployment, input.deployment);
        const how = { onLeave: input.onLeave ?? null, actor: context.actor };
        return { key, deletion: await deleteDeployment(tx, context.core, key, how) };
      },
    });
    return {
      deployment: await context.loaders.require(Deployment, key.tokenId, key.id),
      outcome: deletion.outcome,
      reclaimNotice: readNotice(deletion.reclaimNotice),
    };
  }
}
