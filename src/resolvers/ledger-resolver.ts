import type { ComplexityEstimator } from "graphql-query-complexity";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { type HistoryDay, mostDays, periodOf } from "../queries/license-history.js";
import { licensesAtList, requireKeptLedger } from "../queries/lists/licenses-at.js";
import { LicenseForecast, LicenseHistoryDay } from "../schema/license-history.js";
import { LicenseConnection } from "../schema/lists/licenses.js";
import { LicensesAtArgs } from "../schema/lists/licenses-at.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { PurgeEndedLicensesInput, PurgeEndedLicensesPayload } from "../schema/mutations/purge-ended-licenses.js";
import { purgeEndedLicenses } from "../sync/licenses/purge-ended-licenses.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

const FROM = "The first day: its date in UTC counts. At most 1,100 days before the last.";
const TO = "The last day; today if not said.";

/** What asking for days costs: as if each of the period were kept. */
const costOfDays: ComplexityEstimator = ({ args, childComplexity }) =>
  1 + childComplexity * mostDays(args.from, args.to ?? new Date());

@Resolver(() => StoreApp)
export class LedgerResolver {
  @Allow(Role.VIEWER)
  @Query(() => LicenseConnection, {
    description:
      "The holdings at a past moment. Each is shown as it is today: `endedAt` says when it ended, if it has since.",
  })
  async licensesAt(
    @Ctx() { scoped, loaders }: Context,
    @Args(() => LicensesAtArgs) { at, filter, ...page }: LicensesAtArgs,
  ) {
    await requireKeptLedger(scoped.db, at);
    return loaders.list(licensesAtList, { ...page, filter: { ...filter, at } });
  }

  @Allow(Role.VIEWER)
  @Query(() => [LicenseHistoryDay], {
    description:
      "An app's counts, day by day; days before the first that was kept, and days of which none were taken, are left out.",
    complexity: costOfDays,
  })
  async licenseHistory(
    @Ctx() { core, loaders }: Context,
    @Arg("storeApp", () => ID, { description: "The app." }) storeApp: string,
    @Arg("from", () => Date, { description: FROM }) from: Date,
    @Arg("to", () => Date, { nullable: true, description: TO }) to?: Date | null,
  ): Promise<HistoryDay[]> {
    const app = await loaders.byGlobalId(StoreApp, storeApp);
    return loaders.licenseHistory(app, periodOf(from, to, core.clock.now()));
  }

  @FieldResolver(() => [LicenseHistoryDay], {
    name: "licenseHistory",
    description:
      "Its counts, day by day; days before the first that was kept, and days of which none were taken, are left out.",
    complexity: costOfDays,
  })
  historyOfApp(
    @Root() root: StoreApp,
    @Ctx() { core, loaders }: Context,
    @Arg("from", () => Date, { description: FROM }) from: Date,
    @Arg("to", () => Date, { nullable: true, description: TO }) to?: Date | null,
  ): Promise<HistoryDay[]> {
    return loaders.licenseHistory(root, periodOf(from, to, core.clock.now()));
  }

  @FieldResolver(() => LicenseForecast, { description: "When its licences run out, as things go." })
  forecast(@Root() root: StoreApp, @Ctx() { core, loaders }: Context): Promise<LicenseForecast> {
    return loaders.forecast(root, core.clock.now());
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => PurgeEndedLicensesPayload, {
    description:
      "Forgets holdings that ended long ago, with their events: the only way that the ledger forgets. Takes the role ADMIN.",
  })
  async purgeEndedLicenses(
    @Ctx() context: Context,
    @Input(() => PurgeEndedLicensesInput) input: PurgeEndedLicensesInput,
  ): Promise<PurgeEndedLicensesPayload> {
    return change(context, "purgeEndedLicenses", input, {
      commit: async (tx) => {
        const { licenses } = await purgeEndedLicenses(tx, context.core, input.endedBefore, input.dryRun);
        return { licenses, dryRun: input.dryRun };
      },
    });
  }
}
