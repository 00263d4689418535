import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleUser } from "../entities/apple-user.js";
import { Device } from "../entities/device.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { finite, StoreApp } from "../entities/store-app.js";
import { User } from "../entities/user.js";
import { requireId, requireTokenScopedKey } from "../queries/node-key.js";
import {
  AssignLicensesInput,
  AssignLicensesPayload,
  ReclaimLicensesInput,
  ReclaimLicensesPayload,
  SetNeverReclaimInput,
  SetNeverReclaimPayload,
} from "../schema/mutations/license-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { assignLicenses } from "../sync/deployments/assign-licenses.js";
import { reclaimLicenses } from "../sync/deployments/reclaim-licenses.js";
import { protectLicenses } from "../sync/licenses/protect-licenses.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { distinct } from "./distinct.js";
import { reclaimResult, reclaimSummary } from "./reclaim-result.js";

@Resolver()
export class LicenseMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => ReclaimLicensesPayload, {
    description:
      "Takes licences back, each if nothing stands against it. On the devices the apps stop working within 30 days; to remove them first, uninstall.",
  })
  async reclaimLicenses(
    @Ctx() context: Context,
    @Input(() => ReclaimLicensesInput) input: ReclaimLicensesInput,
  ): Promise<ReclaimLicensesPayload> {
    const { core, actor, loaders } = context;
    const { dryRun, evenIfWanted } = input;
    const { judged } = await change(context, "reclaimLicenses", input, {
      commit: async (tx) => {
        const licenses = distinct(input.licenses).map((id) => requireTokenScopedKey(License, id));
        const judged = await reclaimLicenses(tx, core, { licenses, dryRun, evenIfWanted, actor });
        return { judged: judged.map(reclaimSummary) };
      },
    });
    return {
      results: await Promise.all(judged.map((summary) => reclaimResult(loaders, summary))),
      returnedCount: judged.filter(({ outcome }) => outcome === "RETURNED").length,
    };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => SetNeverReclaimPayload, {
    description:
      "Protects licences: neither `reclaimLicenses` nor a deployment gives one back. An uninstall then removes the app and leaves the licence with its holder (reason LICENSE_KEPT).",
  })
  async setNeverReclaim(
    @Ctx() context: Context,
    @Input(() => SetNeverReclaimInput) input: SetNeverReclaimInput,
  ): Promise<SetNeverReclaimPayload> {
    const { keys } = await change(context, "setNeverReclaim", input, {
      commit: async (tx) => {
        const keys = distinct(input.licenses).map((id) => requireTokenScopedKey(License, id));
        await protectLicenses(tx, keys, input.neverReclaim);
        return { keys };
      },
    });
    return {
      licenses: await Promise.all(keys.map(({ tokenId, id }) => context.loaders.require(License, tokenId, id))),
    };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => AssignLicensesPayload, {
    description:
      "Gives licences of one app to devices or people without an install. They stay given, whatever deployments do, until `reclaimLicenses`; a deployment joins such a licence instead of claiming a second one. All that is to be claimed, or nothing: NO_LICENSE_AVAILABLE.",
  })
  async assignLicenses(
    @Ctx() context: Context,
    @Input(() => AssignLicensesInput) input: AssignLicensesInput,
  ): Promise<AssignLicensesPayload> {
    const { core, actor, loaders } = context;
    const storeApp = requireTokenScopedKey(StoreApp, input.storeApp);
    const { needed, free, results } = await change(context, "assignLicenses", input, {
      commit: async (tx) => {
        distinct([...input.devices, ...input.users]);
        const deviceIds = input.devices.map((id) => requireId(Device, id));
        const userIds = input.users.map((id) => requireId(User, id));
        return assignLicenses(tx, core, { storeApp, deviceIds, userIds, dryRun: input.dryRun, actor });
      },
    });
    const { tokenId } = storeApp;
    const app = await loaders.require(StoreApp, tokenId, storeApp.id);
    return {
      results: await Promise.all(
        results.map(async ({ kind, holderId, outcome, licenseId, appleUserId }) => ({
          device: kind === "DEVICE" ? await loaders.find(Device, holderId) : null,
          user: kind === "USER" ? await loaders.find(User, holderId) : null,
          outcome,
          license: await loaders.find(License, tokenId, licenseId),
          appleUser: await loaders.find(AppleUser, tokenId, appleUserId),
        })),
      ),
      claimedCount: needed,
      freeCount: finite(free),
      revocable: app.revocable,
    };
  }
}
