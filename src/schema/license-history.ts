import "reflect-metadata";
import { Field, Float, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "An app's licences as a day (UTC) began.", simpleResolvers: true })
export class LicenseHistoryDay {
  @Field(() => Date, { description: "The day: its midnight in UTC." })
  day!: Date;

  @Field(() => Int, { nullable: true, description: "Licences bought, as Apple had said. Null when unlimited." })
  bought!: number | null;

  @Field(() => Int, { description: "Licences in use, as Apple had said." })
  assigned!: number;

  @Field(() => Int, { description: "Our holdings that had not ended." })
  held!: number;

  @Field(() => Int, { nullable: true, description: "Licences that could still be given. Null when unlimited." })
  free!: number | null;

  @Field(() => Int, { description: "Installations that waited for a licence." })
  waiting!: number;

  @Field(() => Int, { description: "Licences that could never be used again, as Apple had said." })
  retired!: number;
}

@ObjectType({
  description: "When an app's licences run out if as many more are wanted each day as in the last 90 days.",
  simpleResolvers: true,
})
export class LicenseForecast {
  @Field(() => Float, {
    nullable: true,
    description:
      "How many more licences are wanted (held or waited for) each day, by the straight line that fits the last 90 days best; negative when fewer. Null with less than seven days known.",
  })
  perDay!: number | null;

  @Field(() => Int, { description: "Days of the last 90, and today, of which its counts were taken." })
  basedOnDays!: number;

  @Field(() => Date, {
    nullable: true,
    description:
      "When the last free licence is used at that pace; now, when none is free and somebody waits. Null when that is never, in more than ten years, or not known; also when unlimited.",
  })
  endsAt!: Date | null;
}
