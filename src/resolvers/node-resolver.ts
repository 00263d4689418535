import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { Alert } from "../entities/alert.js";
import { AlertRule } from "../entities/alert-rule.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { AppleUser } from "../entities/apple-user.js";
import { Application } from "../entities/application.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { DeploymentPlan } from "../entities/deployment-plan.js";
import { Device } from "../entities/device.js";
import { decodeGlobalId } from "../entities/global-id.js";
import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";
import { Node } from "../entities/node.js";
import { Reservation } from "../entities/reservation.js";
import { StockChange } from "../entities/stock-change.js";
import { StoreApp } from "../entities/store-app.js";
import { SyncRun } from "../entities/sync-run.js";
import { Target } from "../entities/target.js";
import { Token } from "../entities/token.js";
import { User } from "../entities/user.js";
import { WebhookDelivery } from "../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../entities/webhook-endpoint.js";
import { decodeNodeKey, type NodeClass } from "../queries/node-key.js";
import { refuseOversize } from "../queries/page-size.js";
import type { Context } from "./context.js";
import type { Loaders } from "./loaders.js";

const NODES: readonly NodeClass[] = [
  Alert,
  AlertRule,
  AppleOperation,
  AppleUser,
  Application,
  Collection,
  Deployment,
  DeploymentPlan,
  Device,
  Installation,
  License,
  Reservation,
  StockChange,
  StoreApp,
  SyncRun,
  Target,
  Token,
  User,
  WebhookDelivery,
  WebhookEndpoint,
];

@Resolver()
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: "The object with this id (Relay); null when there is none." })
  node(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "A global id." }) id: string,
  ): Promise<Node | null> {
    return findNode(loaders, id);
  }

  @Query(() => [Node], {
    nullable: "items",
    description: "The objects with these ids, in the same order; null where there is none.",
  })
  nodes(
    @Ctx() { loaders }: Context,
    @Arg("ids", () => [ID], { description: "Global ids, at most 500." }) ids: string[],
  ): Promise<(Node | null)[]> {
    refuseOversize(ids.length);
    return Promise.all(ids.map((id) => findNode(loaders, id)));
  }
}

async function findNode(loaders: Loaders, id: string): Promise<Node | null> {
  const type = decodeGlobalId(id)?.type;
  const node = NODES.find(({ name }) => name === type);
  const key = node && decodeNodeKey(node, id);
  return node && key ? loaders.find(node, ...key) : null;
}
