import { Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { leakedLicenseList } from "../queries/lists/leaked-licenses.js";
import { reclaimCandidateList, silentBefore } from "../queries/lists/reclaim-candidates.js";
import { LeakedLicense, LeakedLicenseConnection, LeakedLicenseListArgs } from "../schema/lists/leaked-licenses.js";
import {
  ReclaimCandidate,
  ReclaimCandidateConnection,
  ReclaimCandidateListArgs,
} from "../schema/lists/reclaim-candidates.js";
import { ReclaimResult } from "../schema/reclaim.js";
import { judgeReclaim } from "../sync/deployments/judge-reclaim.js";
import type { Context } from "./context.js";
import { reclaimResult, reclaimSummary } from "./reclaim-result.js";

@Resolver(() => LeakedLicense)
export class LeakedLicenseResolver {
  @Allow(Role.VIEWER)
  @Query(() => LeakedLicenseConnection, {
    description:
      "Licences that are held at Apple and wanted by nothing here: no installation whose member belongs to its deployment uses them, and no admin has given them. Of tokens that an MDM owns nothing is said.",
  })
  leakedLicenses(@Ctx() { loaders }: Context, @Args(() => LeakedLicenseListArgs) args: LeakedLicenseListArgs) {
    return loaders.list(leakedLicenseList, args);
  }

  @FieldResolver(() => ReclaimResult, { description: "What would come of `reclaimLicenses`." })
  reclaim(@Root() { license }: LeakedLicense, @Ctx() context: Context): Promise<ReclaimResult> {
    return reclaimPreview(context, license);
  }
}

@Resolver(() => ReclaimCandidate)
export class ReclaimCandidateResolver {
  @Allow(Role.VIEWER)
  @Query(() => ReclaimCandidateConnection, {
    description:
      "Licences that their holders do not seem to need, with the reasons. Some are wanted all the same: `reclaim` says what would come of taking one back.",
  })
  reclaimCandidates(
    @Ctx() { core, loaders }: Context,
    @Args(() => ReclaimCandidateListArgs) { silentDays, ...request }: ReclaimCandidateListArgs,
  ) {
    return loaders.list(reclaimCandidateList(silentBefore(silentDays, core.clock)), request);
  }

  @FieldResolver(() => ReclaimResult, { description: "What would come of `reclaimLicenses`." })
  reclaim(@Root() { license }: ReclaimCandidate, @Ctx() context: Context): Promise<ReclaimResult> {
    return reclaimPreview(context, license);
  }
}

async function reclaimPreview({ loaders }: Context, license: LeakedLicense["license"]): Promise<ReclaimResult> {
  const facts = await loaders.reclaimFacts(license);
  return reclaimResult(loaders, reclaimSummary(judgeReclaim(facts, { evenIfWanted: false })));
}
