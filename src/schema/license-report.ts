import "reflect-metadata";
import { GraphQLSafeInt } from "graphql-scalars";
import { Field, Int, ObjectType } from "type-graphql";
import { ProductType, StoreApp } from "../entities/store-app.js";
import { connectionOf } from "./connection.js";

@ObjectType({ description: "Sums over all apps of a licence report. Unlimited items are left out." })
export class LicenseTotals {
  @Field(() => Int, { description: "Apps that are counted here." })
  apps!: number;

  @Field(() => GraphQLSafeInt, { description: "Licences bought, as Apple said." })
  bought!: number;

  @Field(() => GraphQLSafeInt, { description: "Licences in use, as Apple said." })
  assigned!: number;

  @Field(() => GraphQLSafeInt, { description: "Our holdings that have not ended." })
  held!: number;

  @Field(() => GraphQLSafeInt, { description: "Licences that can still be given." })
  free!: number;

  @Field(() => Int, { description: "Installations that wait for a licence." })
  waiting!: number;

  @Field(() => GraphQLSafeInt, { description: "Licences that can never be used again, as Apple said." })
  retired!: number;
}

@ObjectType({ description: "The licences of one app at a glance." })
export class LicenseReportRow {
  constructor(readonly app: StoreApp) {}

  @Field(() => StoreApp, { description: "The app." })
  get storeApp(): StoreApp {
    return this.app;
  }

  @Field(() => String, { nullable: true, description: "The app's name." })
  get name(): string | null {
    return this.app.name;
  }

  @Field(() => String, { description: "Apple's numeric id of the app, as text." })
  get adamId(): string {
    return this.app.adamId;
  }

  @Field(() => Int, {
    nullable: true,
    description: "Licences bought, as Apple said at `countsAt`. Null when unlimited.",
  })
  get bought(): number | null {
    return this.app.boughtCount;
  }

  @Field(() => Int, { description: "Licences in use, as Apple said at `countsAt`." })
  get assigned(): number {
    return this.app.assignedCount;
  }

  @Field(() => Int, { description: "Our holdings that have not ended: claimed, held, or on their way back." })
  get held(): number {
    return this.app.heldCount;
  }

  @Field(() => Int, { nullable: true, description: "Licences that can still be given. Null when unlimited." })
  get free(): number | null {
    return this.app.freeCount;
  }

  @Field(() => Int, { description: "Licences that can never be used again, as Apple said at `countsAt`." })
  get retired(): number {
    return this.app.retiredCount;
  }

  @Field(() => Boolean, { description: "A free item without a bound on its licences." })
  get unlimited(): boolean {
    return this.app.unlimited;
  }

  @Field(() => Date, {
    description:
      "When Apple was first asked that gave these counts; the token's `lastSyncAt` says until when they held.",
  })
  get countsAt(): Date {
    return this.app.countsAt;
  }
}

interface LicenseSums extends LicenseTotals {
  readonly asOf: Date | null;
}

@ObjectType({
  description: "What was bought, what is in use and what is left, by app and in all. Of apps, or of books.",
})
export class LicenseReport {
  #summed: Promise<LicenseSums> | null = null;

  /**
   * @param token global id of the token it is limited to
   * @param sum adds up, when one of the sums is asked for: whoever reads page after page of the apps need not wait for it each time
   */
  constructor(
    productType: ProductType,
    readonly token: string | null,
    private readonly sum: () => Promise<LicenseSums>,
  ) {
    this.productType = productType;
  }

  @Field(() => ProductType, { description: "What it is about: apps, or books." })
  readonly productType: ProductType;

  @Field(() => Date, {
    nullable: true,
    description: "When Apple was last asked for the oldest of its counts; null without apps.",
  })
  get asOf(): Promise<Date | null> {
    return this.summed().then(({ asOf }) => asOf);
  }

  @Field(() => LicenseTotals, { description: "Sums over all apps." })
  get totals(): Promise<LicenseTotals> {
    return this.summed();
  }

  private summed(): Promise<LicenseSums> {
    this.#summed ??= this.sum();
    return this.#summed;
  }
}

export const LicenseReportRowConnection = connectionOf("LicenseReportRow", "apps", () => LicenseReportRow);
