import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Alert, AlertKind } from "../../entities/alert.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which alerts to list: those that meet all that is given." })
class AlertFilter {
  @Field(() => Boolean, { nullable: true, description: "True: those that are not over. False: those that are." })
  open?: boolean | null;

  @Field(() => [AlertKind], { nullable: true, description: "About one of these." })
  kind?: AlertKind[] | null;

  @Field(() => String, { nullable: true, description: "About this object, by its id; or `tokens`." })
  subject?: string | null;

  @Field(() => ID, { nullable: true, description: "About this token, or something that belongs to it." })
  token?: string | null;
}

const AlertOrder = orderOf("Alert", {
  RAISED_AT: "When it was noticed.",
});

export const AlertListArgs = listArgs(AlertFilter, AlertOrder);
export type AlertListArgs = InstanceType<typeof AlertListArgs>;

export const AlertConnection = connectionOf("Alert", "alerts", () => Alert);
