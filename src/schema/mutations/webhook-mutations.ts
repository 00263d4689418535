import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { AlertKind } from "../../entities/alert.js";
import { WebhookDelivery } from "../../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../../entities/webhook-endpoint.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "An address that is to be told of alerts." })
export class AddWebhookEndpointInput extends MutationInput {
  @Field(() => String, {
    description:
      "Where messages are sent by POST: http or https, a host of TARGET_HOSTS, no redirect. Kept and shown as it is.",
  })
  url!: string;

  @Field(() => [AlertKind], { defaultValue: [], description: "The alerts that it is told of; empty for all." })
  kinds!: AlertKind[];
}

@ObjectType({ description: "An endpoint that was added: it is told of what is raised or cleared from now on." })
export class AddWebhookEndpointPayload {
  @Field(() => WebhookEndpoint, { description: "The endpoint." })
  webhookEndpoint!: WebhookEndpoint;

  @Field(() => String, {
    description:
      "What signs its messages, `whsec_` and base64, as the libraries of Standard Webhooks take it. Kept encrypted, never shown again.",
  })
  secret!: string;
}

@InputType({ description: "An endpoint that is to be told nothing any more." })
export class RemoveWebhookEndpointInput extends MutationInput {
  @Field(() => ID, { description: "The endpoint." })
  webhookEndpoint!: string;
}

@ObjectType({ description: "An endpoint that was removed, with its messages." })
export class RemoveWebhookEndpointPayload {
  @Field(() => ID, { description: "The id that no longer exists." })
  removedWebhookEndpointId!: string;
}

@InputType({ description: "An endpoint that is to be sent a message of the type `webhook.test`." })
export class TestWebhookEndpointInput extends MutationInput {
  @Field(() => ID, { description: "The endpoint." })
  webhookEndpoint!: string;
}

@ObjectType({ description: "A message that is being sent." })
export class TestWebhookEndpointPayload {
  @Field(() => WebhookDelivery, { description: "The message: ask for it again to see what became of it." })
  webhookDelivery!: WebhookDelivery;
}
