import { Ctx, Mutation, Resolver } from "type-graphql";
import { Application } from "../entities/application.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { Installation } from "../entities/installation.js";
import { StoreApp } from "../entities/store-app.js";
import { Target } from "../entities/target.js";
import { requireId, requireTokenScopedKey } from "../queries/node-key.js";
import {
  ChangeDeploymentActionInput,
  ChangeDeploymentActionPayload,
  CreateApplicationInput,
  CreateApplicationPayload,
  CreateDeploymentInput,
  CreateDeploymentPayload,
  RetryInstallationInput,
  RetryInstallationPayload,
} from "../schema/mutations/deployment-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { changeDeploymentAction } from "../sync/deployments/change-deployment-action.js";
import { createApplication } from "../sync/deployments/create-application.js";
import { createDeployment } from "../sync/deployments/create-deployment.js";
import { retryInstallation } from "../sync/deployments/retry-installation.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class DeploymentMutations {
  @Mutation(() => CreateApplicationPayload, { description: "Makes a store app's object at a target." })
  async createApplication(
    @Ctx() context: Context,
    @Input(() => CreateApplicationInput) input: CreateApplicationInput,
  ): Promise<CreateApplicationPayload> {
    const { tokenId, applicationId } = await change(context, "createApplication", input, {
      commit: async (tx) => {
        const storeApp = requireTokenScopedKey(StoreApp, input.storeApp);
        const targetId = requireId(Target, input.target);
        const applicationId = await createApplication(tx, context.core, { storeApp, targetId });
        return { tokenId: storeApp.tokenId, applicationId };
      },
    });
    return { application: await context.loaders.require(Application, tokenId, applicationId) };
  }

  @Mutation(() => CreateDeploymentPayload, { description: "Brings an app to a collection, or away from it." })
  async createDeployment(
    @Ctx() context: Context,
    @Input(() => CreateDeploymentInput) input: CreateDeploymentInput,
  ): Promise<CreateDeploymentPayload> {
    const { action, purpose, licensing } = input;
    const { tokenId, deploymentId } = await change(context, "createDeployment", input, {
      commit: async (tx) => {
        const storeApp = requireTokenScopedKey(StoreApp, input.storeApp);
        const collectionId = requireId(Collection, input.collection);
        const targetId = requireId(Target, input.target);
        const wish = { storeApp, collectionId, targetId, action, purpose, licensing };
        const deploymentId = await createDeployment(tx, context.core, wish, context.actor);
        return { tokenId: storeApp.tokenId, deploymentId };
      },
    });
    return { deployment: await context.loaders.require(Deployment, tokenId, deploymentId) };
  }

  @Mutation(() => ChangeDeploymentActionPayload, { description: "Changes what a deployment wants." })
  async changeDeploymentAction(
    @Ctx() context: Context,
    @Input(() => ChangeDeploymentActionInput) input: ChangeDeploymentActionInput,
  ): Promise<ChangeDeploymentActionPayload> {
    const { tokenId, id } = await change(context, "changeDeploymentAction", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(Deployment, input.deployment);
        await changeDeploymentAction(tx, context.core, key, input.action, context.actor);
        return key;
      },
    });
    return { deployment: await context.loaders.require(Deployment, tokenId, id) };
  }

  @Mutation(() => RetryInstallationPayload, { description: "Tries a failed installation again." })
  async retryInstallation(
    @Ctx() context: Context,
    @Input(() => RetryInstallationInput) input: RetryInstallationInput,
  ): Promise<RetryInstallationPayload> {
    const { tokenId, id } = await change(context, "retryInstallation", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(Installation, input.installation);
        await retryInstallation(tx, context.core, key);
        return key;
      },
    });
    return { installation: await context.loaders.require(Installation, tokenId, id) };
  }
}
