import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Application } from "../entities/application.js";
import { Deployment } from "../entities/deployment.js";
import { DeploymentPlan } from "../entities/deployment-plan.js";
import { Installation } from "../entities/installation.js";
import { Role } from "../entities/role.js";
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
  PlanDeploymentInput,
  PlanDeploymentPayload,
  RetryInstallationInput,
  RetryInstallationPayload,
} from "../schema/mutations/deployment-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { changeDeploymentAction } from "../sync/deployments/change-deployment-action.js";
import { createApplication } from "../sync/deployments/create-application.js";
import { createDeployment } from "../sync/deployments/create-deployment.js";
import { createPlannedDeployment } from "../sync/deployments/plan/create-planned-deployment.js";
import { planDeployment } from "../sync/deployments/plan/plan-deployment.js";
import { preparePlan } from "../sync/deployments/plan/prepare-plan.js";
import { retryInstallation } from "../sync/deployments/retry-installation.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { noticesOf } from "./notices-of.js";
import { refuseBesidePlan, wantedDeployment } from "./wanted-deployment.js";

@Resolver()
export class DeploymentMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => CreateApplicationPayload, {
    description:
      "Makes a store app's object at a target. `createDeployment` does so, too; asked again, it answers the one there is.",
  })
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

  @Allow(Role.OPERATOR)
  @Mutation(() => PlanDeploymentPayload, {
    description:
      "Tells what a deployment would mean for each member, without making it: an honest dry run, kept for 24 hours. It promises licences, not what devices will do, and it holds no stock. What `createDeployment` refuses, this refuses, too; and with NO_LICENSE_AVAILABLE what an MDM that gives out its own licences seems to have too few for, since it has no waiting list.",
  })
  async planDeployment(
    @Ctx() context: Context,
    @Input(() => PlanDeploymentInput) input: PlanDeploymentInput,
  ): Promise<PlanDeploymentPayload> {
    const { tokenId, planId } = await change(context, "planDeployment", input, {
      prepare: () => preparePlan(context.core),
      commit: async (tx) => {
        const wanted = wantedDeployment(input);
        return {
          tokenId: wanted.storeApp.tokenId,
          planId: await planDeployment(tx, context.core, wanted, context.actor),
        };
      },
    });
    return { plan: await context.loaders.require(DeploymentPlan, tokenId, planId) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => CreateDeploymentPayload, {
    description:
      "Brings an app to a collection, or away from it; by a plan, if nothing has become worse since. Answers at once; `deploymentChanged` tells how it goes. CONFLICT where the app goes there already or the plan no longer holds, PRECONDITION_FAILED for what cannot be deployed like this or without a valid APNs certificate, NO_LICENSE_AVAILABLE for a plan where an MDM gives out its own licences and has too few by now (without a plan that is tried, and the installations that the MDM has none for fail), a TOKEN_ code where the token may not write.",
  })
  async createDeployment(
    @Ctx() context: Context,
    @Input(() => CreateDeploymentInput) input: CreateDeploymentInput,
  ): Promise<CreateDeploymentPayload> {
    const { core, actor } = context;
    const { tokenId, deploymentId } = await change(context, "createDeployment", input, {
      commit: async (tx) => {
        if (input.planId == null) {
          const wanted = wantedDeployment(input);
          return { tokenId: wanted.storeApp.tokenId, deploymentId: await createDeployment(tx, core, wanted, actor) };
        }
        refuseBesidePlan(input);
        const key = requireTokenScopedKey(DeploymentPlan, input.planId);
        return { tokenId: key.tokenId, deploymentId: await createPlannedDeployment(tx, core, key, actor) };
      },
    });
    const deployment = await context.loaders.require(Deployment, tokenId, deploymentId);
    return { deployment, ...(await noticesOf(context, deployment)) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => ChangeDeploymentActionPayload, {
    description: "Changes what a deployment wants: to install, or to uninstall. CONFLICT for a deleted one.",
  })
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
    const deployment = await context.loaders.require(Deployment, tokenId, id);
    return { deployment, ...(await noticesOf(context, deployment)) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => RetryInstallationPayload, {
    description:
      "Tries a failed installation again: one that is FAILED, NOT_APPLICABLE or REMOVAL_FAILED. CONFLICT for others, and for one that has left its deployment.",
  })
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
