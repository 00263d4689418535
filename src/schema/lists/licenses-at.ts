import "reflect-metadata";
import { ArgsType, Field, ID, InputType } from "type-graphql";
import { HolderKind } from "../../entities/license.js";
import { PageArgs } from "../list-args.js";

@InputType({ description: "Which holdings of a past moment to list: those that meet all that is given." })
class LicensesAtFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => HolderKind, { nullable: true, description: "Held by a device, or by a person." })
  holderKind?: HolderKind | null;

  @Field(() => ID, { nullable: true, description: "Held by this device, as far as it is known today." })
  device?: string | null;

  @Field(() => ID, { nullable: true, description: "Held by a registration of this person." })
  user?: string | null;
}

@ArgsType()
export class LicensesAtArgs extends PageArgs {
  @Field(() => Date, {
    description: "The moment. One that has not come yet is answered as now; one before `ledgerSince` is INVALID_INPUT.",
  })
  at!: Date;

  @Field(() => LicensesAtFilter, { nullable: true, description: "Only what meets all of these." })
  filter?: LicensesAtFilter | null;
}
