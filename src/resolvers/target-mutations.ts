import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { Target } from "../entities/target.js";
import { requireId } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  AddTargetInput,
  AddTargetPayload,
  CheckTargetInput,
  CheckTargetPayload,
  ImportHoldersInput,
  ImportHoldersPayload,
  RemoveTargetInput,
  RemoveTargetPayload,
  UpdateTargetInput,
  UpdateTargetPayload,
} from "../schema/mutations/target-mutations.js";
import { requestImport } from "../sync/holders/request-import.js";
import { addTarget, prepareTarget } from "../sync/targets/add-target.js";
import { checkTarget, recordCheck } from "../sync/targets/check-target.js";
import { removeTarget } from "../sync/targets/remove-target.js";
import { prepareTargetChange, updateTarget } from "../sync/targets/update-target.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { findingsOf } from "./findings-of.js";

@Resolver()
export class TargetMutations {
  @Allow(Role.ADMIN)
  @Mutation(() => AddTargetPayload, {
    description:
      "Adds a connection to an MDM, after reaching it. INVALID_INPUT for settings that do not fit, TARGET_REJECTED or TARGET_UNAVAILABLE where the MDM does not take them, CONFLICT for a name that is taken, PRECONDITION_FAILED where it needs PUBLIC_URL. Nothing is kept then.",
  })
  async addTarget(
    @Ctx() context: Context,
    @Input(() => AddTargetInput) input: AddTargetInput,
  ): Promise<AddTargetPayload> {
    const { core, loaders } = context;
    const { plugin, name, settings } = input;
    const { targetId } = await change(context, "addTarget", input, {
      prepare: () => prepareTarget(core, { plugin, name, settings, teams: context.access.teams ?? [] }),
      commit: async (tx, prepared) => ({ targetId: await addTarget(tx, core, prepared) }),
    });
    return { target: await loaders.require(Target, targetId) };
  }

  @Allow(Role.ADMIN, { own: true })
  @Mutation(() => UpdateTargetPayload, {
    description:
      "Changes a target, after reaching the MDM with new settings: what the MDM does not take (TARGET_REJECTED, TARGET_UNAVAILABLE) is not kept.",
  })
  async updateTarget(
    @Ctx() context: Context,
    @Input(() => UpdateTargetInput) input: UpdateTargetInput,
  ): Promise<UpdateTargetPayload> {
    const { core, loaders } = context;
    const changes = {
      ...(typeof input.name === "string" && { name: input.name }),
      ...(input.settings && { settings: input.settings }),
    };
    const { targetId } = await change(context, "updateTarget", input, {
      prepare: () => prepareTargetChange(core, requireId(Target, input.target), changes),
      commit: async (tx, prepared) => {
        await updateTarget(tx, core, prepared);
        return { targetId: requireId(Target, input.target) };
      },
    });
    return { target: await loaders.require(Target, targetId) };
  }

  @Allow(Role.ADMIN, { own: true })
  @Mutation(() => RemoveTargetPayload, {
    description:
      "Removes a target that no deployment uses; CONFLICT while one does, or while what was set up there is being ended.",
  })
  async removeTarget(
    @Ctx() context: Context,
    @Input(() => RemoveTargetInput) input: RemoveTargetInput,
  ): Promise<RemoveTargetPayload> {
    await change(context, "removeTarget", input, {
      commit: async (tx) => {
        await removeTarget(tx, context.core, requireId(Target, input.target));
        return {};
      },
    });
    return { removedTargetId: input.target };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => CheckTargetPayload, {
    description:
      "Reaches an MDM now and asks it what works. TARGET_UNAVAILABLE or TARGET_REJECTED where it does not say; what it says is in the findings, and it is called again by all else.",
  })
  async checkTarget(
    @Ctx() context: Context,
    @Input(() => CheckTargetInput) input: CheckTargetInput,
  ): Promise<CheckTargetPayload> {
    const { core, loaders } = context;
    const { targetId, ok } = await change(context, "checkTarget", input, {
      prepare: () => checkTarget(core, requireId(Target, input.target)),
      commit: async (tx, check) => {
        const targetId = requireId(Target, input.target);
        await recordCheck(tx, core, targetId, check);
        return { targetId, ok: check.ok };
      },
    });
    const target = await loaders.require(Target, targetId);
    return { ok, target, findings: findingsOf(target, core.clock.now()) };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => ImportHoldersPayload, {
    description:
      "Reads the users, devices and collections of a target, after this answer: `holdersImportedAt` and `importError` of the target say when and how it has ended.",
  })
  async importHolders(
    @Ctx() context: Context,
    @Input(() => ImportHoldersInput) input: ImportHoldersInput,
  ): Promise<ImportHoldersPayload> {
    const { targetId } = await change(context, "importHolders", input, {
      commit: async (tx) => {
        const targetId = requireId(Target, input.target);
        await requestImport(tx, context.core, targetId, { confirmShrink: input.confirmShrink });
        return { targetId };
      },
    });
    return { target: await context.loaders.require(Target, targetId) };
  }
}
