import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Application } from "../../entities/application.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which applications to list: those that meet all that is given." })
class ApplicationFilter {
  @Field(() => ID, { nullable: true, description: "With licences of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "At this target." })
  target?: string | null;
}

const ApplicationOrder = orderOf("Application", {
  CREATED_AT: "When it was asked for.",
});

export const ApplicationListArgs = listArgs(ApplicationFilter, ApplicationOrder);
export type ApplicationListArgs = InstanceType<typeof ApplicationListArgs>;

export const ApplicationConnection = connectionOf("Application", "applications", () => Application);
