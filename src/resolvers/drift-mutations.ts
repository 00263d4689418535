import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { LicenseDrift } from "../schema/drift.js";
import { RepairDriftInput, RepairDriftPayload } from "../schema/mutations/drift-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { repairDrift } from "../sync/deployments/drift/repair-drift.js";
import { stalledBefore } from "../sync/deployments/drift/stalled-before.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { distinct } from "./distinct.js";
import { driftId, requireDriftKey } from "./drift-key.js";

@Resolver()
export class DriftMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => RepairDriftPayload, {
    description:
      "Repairs drifts, each as its `remedy` says. What needs a person stays as it is, with the reason; one that is over does nothing.",
  })
  async repairDrift(
    @Ctx() context: Context,
    @Input(() => RepairDriftInput) input: RepairDriftInput,
  ): Promise<RepairDriftPayload> {
    const { core, actor, loaders } = context;
    const { repaired } = await change(context, "repairDrift", input, {
      commit: async (tx) => {
        const keys = distinct(input.ids).map(requireDriftKey);
        const repaired = await repairDrift(tx, core, { keys, dryRun: input.dryRun, actor });
        return { repaired: repaired.map(({ key, decision: { repair, why } }) => ({ key, remedy: { repair, why } })) };
      },
    });
    const results = repaired.map(async ({ key, remedy }) => {
      const facts = await loaders.driftFacts(key, stalledBefore(core.clock));
      return { id: driftId(key), remedy, drift: facts && new LicenseDrift(key) };
    });
    return {
      results: await Promise.all(results),
      repairedCount: repaired.filter(({ remedy }) => remedy.repair !== "NONE").length,
    };
  }
}
