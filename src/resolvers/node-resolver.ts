import { type GraphQLResolveInfo, isObjectType } from "graphql";
import { Arg, Ctx, ID, Info, Query, Resolver } from "type-graphql";
import { Alert } from "../entities/alert.js";
import { AlertRule } from "../entities/alert-rule.js";
import { Allow, accessRuleOf } from "../entities/allow.js";
import { ApiKey } from "../entities/api-key.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { AppleUser } from "../entities/apple-user.js";
import { Application } from "../entities/application.js";
import { AuditEvent } from "../entities/audit-event.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { DeploymentPlan } from "../entities/deployment-plan.js";
import { Device } from "../entities/device.js";
import { decodeGlobalId } from "../entities/global-id.js";
import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";
import { Node } from "../entities/node.js";
import { Reservation } from "../entities/reservation.js";
import { Role } from "../entities/role.js";
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
import { mayAccess } from "../schema/access.js";
import type { Context } from "./context.js";

const NODES: readonly NodeClass[] = [
  Alert,
  AlertRule,
  ApiKey,
  AppleOperation,
  AppleUser,
  Application,
  AuditEvent,
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
  @Allow(Role.VIEWER)
  @Query(() => Node, { nullable: true, description: "The object with this id (Relay); null when there is none." })
  node(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg("id", () => ID, { description: "A global id." }) id: string,
  ): Promise<Node | null> {
    return findNode(context, info, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => [Node], {
    nullable: "items",
    description: "The objects with these ids, in the same order; null where there is none.",
  })
  nodes(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg("ids", () => [ID], { description: "Global ids, at most 500." }) ids: string[],
  ): Promise<(Node | null)[]> {
    refuseOversize(ids.length);
    return Promise.all(ids.map((id) => findNode(context, info, id)));
  }
}

async function findNode(
  { access, loaders }: Context,
  { schema }: GraphQLResolveInfo,
  id: string,
): Promise<Node | null> {
  const name = decodeGlobalId(id)?.type;
  const node = NODES.find((known) => known.name === name);
  const key = node && decodeNodeKey(node, id);
  if (!node || !key) return null;
  const type = schema.getType(node.name);
  const rule = isObjectType(type) ? accessRuleOf(type) : null;
  return rule && !mayAccess(access, rule) ? null : loaders.find(node, ...key);
}
