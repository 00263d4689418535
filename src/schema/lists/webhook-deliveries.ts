import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { WebhookDelivery, WebhookDeliveryState } from "../../entities/webhook-delivery.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which messages to list: those that meet all that is given." })
class WebhookDeliveryFilter {
  @Field(() => [WebhookDeliveryState], { nullable: true, description: "In one of these states." })
  state?: WebhookDeliveryState[] | null;
}

export const WebhookDeliveryListArgs = filteredArgs(WebhookDeliveryFilter);
export type WebhookDeliveryListArgs = InstanceType<typeof WebhookDeliveryListArgs>;

export const WebhookDeliveryConnection = connectionOf("WebhookDelivery", "webhook messages", () => WebhookDelivery);
