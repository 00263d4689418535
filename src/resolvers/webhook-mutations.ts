import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { WebhookDelivery } from "../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../entities/webhook-endpoint.js";
import { requireId } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  AddWebhookEndpointInput,
  AddWebhookEndpointPayload,
  RemoveWebhookEndpointInput,
  RemoveWebhookEndpointPayload,
  TestWebhookEndpointInput,
  TestWebhookEndpointPayload,
} from "../schema/mutations/webhook-mutations.js";
import { addWebhookEndpoint } from "../sync/alerts/webhooks/add-webhook-endpoint.js";
import { removeWebhookEndpoint } from "../sync/alerts/webhooks/remove-webhook-endpoint.js";
import { testWebhookEndpoint } from "../sync/alerts/webhooks/test-webhook-endpoint.js";
import { readWebhookSecret } from "../sync/alerts/webhooks/webhook-secret.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class WebhookMutations {
  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => AddWebhookEndpointPayload, {
    description:
      "Has an address told of alerts, in signed messages that gather what happens: the first within a minute, the next ones a quarter of an hour apart.",
  })
  async addWebhookEndpoint(
    @Ctx() context: Context,
    @Input(() => AddWebhookEndpointInput) input: AddWebhookEndpointInput,
  ): Promise<AddWebhookEndpointPayload> {
    const { core, loaders } = context;
    const { id } = await change(context, "addWebhookEndpoint", input, {
      commit: async (tx) => ({ id: await addWebhookEndpoint(tx, core, input, context.actor) }),
    });
    return {
      webhookEndpoint: await loaders.require(WebhookEndpoint, id),
      secret: await readWebhookSecret(core.dataSource, core.secrets, id),
    };
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => RemoveWebhookEndpointPayload, {
    description: "Removes a webhook endpoint; what it was not sent yet, it is not sent. Takes the role ADMIN.",
  })
  async removeWebhookEndpoint(
    @Ctx() context: Context,
    @Input(() => RemoveWebhookEndpointInput) input: RemoveWebhookEndpointInput,
  ): Promise<RemoveWebhookEndpointPayload> {
    await change(context, "removeWebhookEndpoint", input, {
      commit: async (tx) => {
        await removeWebhookEndpoint(tx, requireId(WebhookEndpoint, input.webhookEndpoint));
        return {};
      },
    });
    return { removedWebhookEndpointId: input.webhookEndpoint };
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => TestWebhookEndpointPayload, {
    description: "Sends an endpoint a signed message that tells of nothing, at once.",
  })
  async testWebhookEndpoint(
    @Ctx() context: Context,
    @Input(() => TestWebhookEndpointInput) input: TestWebhookEndpointInput,
  ): Promise<TestWebhookEndpointPayload> {
    const { id } = await change(context, "testWebhookEndpoint", input, {
      commit: async (tx) => {
        const endpointId = requireId(WebhookEndpoint, input.webhookEndpoint);
        return { id: await testWebhookEndpoint(tx, context.core, endpointId) };
      },
    });
    return { webhookDelivery: await context.loaders.require(WebhookDelivery, id) };
  }
}
