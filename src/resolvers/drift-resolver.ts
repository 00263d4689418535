import { Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { driftEvidence, driftSince } from "../queries/drift/drift-evidence.js";
import type { DriftFacts } from "../queries/drift/drift-facts.js";
import { licenseDriftList } from "../queries/lists/license-drift.js";
import { DriftEvidence, DriftRemedy, LicenseDrift } from "../schema/drift.js";
import { LicenseDriftConnection, LicenseDriftListArgs } from "../schema/lists/license-drift.js";
import { decideRepair } from "../sync/deployments/drift/decide-repair.js";
import { stalledBefore } from "../sync/deployments/drift/stalled-before.js";
import type { Context } from "./context.js";
import { driftId } from "./drift-key.js";

@Resolver(() => LicenseDrift)
export class DriftResolver {
  @Allow(Role.VIEWER)
  @Query(() => LicenseDriftConnection, {
    description:
      "What Apple as last read, Allotment and the MDMs say differently: nothing in the normal course. Each with what every side says, and what `repairDrift` would do.",
  })
  licenseDrift(
    @Ctx() { core, loaders }: Context,
    @Args(() => LicenseDriftListArgs) request: InstanceType<typeof LicenseDriftListArgs>,
  ) {
    return loaders.list(licenseDriftList(stalledBefore(core.clock)), request).map((key) => new LicenseDrift(key));
  }

  @FieldResolver(() => ID, { description: "Names it for `repairDrift`; the same for as long as it lasts." })
  id(@Root() { key }: LicenseDrift): string {
    return driftId(key);
  }

  @FieldResolver(() => Token, { description: "With which token." })
  token(@Root() { key }: LicenseDrift, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, key.tokenId);
  }

  @FieldResolver(() => StoreApp, { nullable: true, description: "The app; null once it is no drift any more." })
  async storeApp(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<StoreApp | null> {
    const facts = await factsOf(context, key);
    return facts && context.loaders.find(StoreApp, facts.tokenId, facts.storeAppId);
  }

  @FieldResolver(() => License, {
    nullable: true,
    description: "The licence; null with COUNT_MISMATCH and INSTALLED_WITHOUT_LICENSE.",
  })
  async license(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<License | null> {
    const facts = await factsOf(context, key);
    return facts && context.loaders.find(License, facts.tokenId, facts.licenseId);
  }

  @FieldResolver(() => [Installation], {
    description: "The installations that use the licence, or the one that shows the app without one.",
  })
  async installations(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<Installation[]> {
    const concerned = (await factsOf(context, key))?.installations ?? [];
    const found = await Promise.all(concerned.map(({ id }) => context.loaders.find(Installation, key.tokenId, id)));
    return found.filter((installation) => installation !== null);
  }

  @FieldResolver(() => Date, { nullable: true, description: "Since when it is known; null when nobody knows." })
  async since(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<Date | null> {
    const facts = await factsOf(context, key);
    return facts && driftSince(facts);
  }

  @FieldResolver(() => [DriftEvidence], { description: "What each side says, and when; empty once it is over." })
  async evidence(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<DriftEvidence[]> {
    const facts = await factsOf(context, key);
    return facts ? driftEvidence(facts) : [];
  }

  @FieldResolver(() => DriftRemedy, {
    nullable: true,
    description: "What `repairDrift` would do; null once it is over.",
  })
  async remedy(@Root() { key }: LicenseDrift, @Ctx() context: Context): Promise<DriftRemedy | null> {
    const facts = await factsOf(context, key);
    return facts && decideRepair(facts);
  }
}

function factsOf({ core, loaders }: Context, key: LicenseDrift["key"]): Promise<DriftFacts | null> {
  return loaders.driftFacts(key, stalledBefore(core.clock));
}
