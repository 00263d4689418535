import { Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { WebhookDelivery } from "../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../entities/webhook-endpoint.js";
import { byEndpoint } from "../queries/columns.js";
import { webhookDeliveryList } from "../queries/lists/webhook-deliveries.js";
import { webhookEndpointList } from "../queries/lists/webhook-endpoints.js";
import { PageArgs } from "../schema/list-args.js";
import { WebhookDeliveryConnection, WebhookDeliveryListArgs } from "../schema/lists/webhook-deliveries.js";
import { WebhookEndpointConnection } from "../schema/lists/webhook-endpoints.js";
import type { Context } from "./context.js";

@Resolver(() => WebhookEndpoint)
export class WebhookResolver {
  @Allow(Role.ADMIN, { allTeams: true })
  @Query(() => WebhookEndpointConnection, { description: "The addresses that are told of alerts." })
  webhookEndpoints(@Ctx() { loaders }: Context, @Args(() => PageArgs) args: PageArgs) {
    return loaders.list(webhookEndpointList, args);
  }

  @FieldResolver(() => WebhookDelivery, {
    nullable: true,
    description: "The newest message to it; null when there is none.",
  })
  async lastDelivery(@Root() root: WebhookEndpoint, @Ctx() { loaders }: Context): Promise<WebhookDelivery | null> {
    const [newest] = await loaders.related(webhookDeliveryList, byEndpoint, root, { first: 1 }).nodes;
    return newest ?? null;
  }

  @FieldResolver(() => WebhookDeliveryConnection, { description: "Its messages, the newest first." })
  deliveries(
    @Root() root: WebhookEndpoint,
    @Ctx() { loaders }: Context,
    @Args(() => WebhookDeliveryListArgs) args: WebhookDeliveryListArgs,
  ) {
    return loaders.related(webhookDeliveryList, byEndpoint, root, args);
  }
}
