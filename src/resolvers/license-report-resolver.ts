import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { ProductType } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { licenseTotals } from "../queries/license-report.js";
import { storeAppList } from "../queries/lists/store-apps.js";
import { LicenseReport, LicenseReportRow, LicenseReportRowConnection } from "../schema/license-report.js";
import { StoreAppListArgs } from "../schema/lists/store-apps.js";
import type { Context } from "./context.js";

@Resolver(() => LicenseReport)
export class LicenseReportResolver {
  @Allow(Role.VIEWER)
  @Query(() => LicenseReport, {
    description: "The licences of all apps that Apple lists, at a glance; of its books, if they are asked for.",
  })
  async licenseReport(
    @Ctx() { scoped, loaders }: Context,
    @Arg("token", () => ID, { nullable: true, description: "Only the apps of this token." }) token?: string | null,
    @Arg("productType", () => ProductType, { defaultValue: ProductType.APP, description: "Apps, or books." })
    productType: ProductType = ProductType.APP,
  ): Promise<LicenseReport> {
    const limited = token == null ? null : await loaders.byGlobalId(Token, token);
    return new LicenseReport(productType, token ?? null, () => licenseTotals(scoped, limited?.id ?? null, productType));
  }

  @FieldResolver(() => LicenseReportRowConnection, {
    description:
      "One row an app, by name if not sorted otherwise. A filter narrows them: what the report is limited to holds whatever it says.",
  })
  apps(@Root() root: LicenseReport, @Ctx() { loaders }: Context, @Args(() => StoreAppListArgs) args: StoreAppListArgs) {
    const { productType } = root;
    const filter = { ...args.filter, productType, listed: true, ...(root.token !== null && { token: root.token }) };
    return loaders.list(storeAppList, { ...args, filter }).map((app) => new LicenseReportRow(app));
  }
}

@Resolver(() => LicenseReportRow)
export class LicenseReportRowResolver {
  @FieldResolver(() => Token, { description: "The token that owns the app." })
  token(@Root() { app }: LicenseReportRow, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, app.tokenId);
  }

  @FieldResolver(() => Int, { description: "Installations that wait for a licence." })
  waiting(@Root() { app }: LicenseReportRow, @Ctx() { loaders }: Context): Promise<number> {
    return loaders.waiting(app);
  }
}
