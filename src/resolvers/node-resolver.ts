import { type GraphQLResolveInfo, isObjectType } from "graphql";
import { Arg, Ctx, ID, Info, Query, Resolver } from "type-graphql";
import { Allow, accessRuleOf } from "../entities/allow.js";
import { decodeGlobalId } from "../entities/global-id.js";
import { Node } from "../entities/node.js";
import { Role } from "../entities/role.js";
import { decodeNodeKey } from "../queries/node-key.js";
import { nodeNamed } from "../queries/node-scopes.js";
import { refuseOversize } from "../queries/page-size.js";
import { mayAccess } from "../schema/access.js";
import type { Context } from "./context.js";

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
  const node = name === undefined ? null : nodeNamed(name);
  const key = node && decodeNodeKey(node, id);
  if (!node || !key) return null;
  const type = schema.getType(node.name);
  const rule = isObjectType(type) ? accessRuleOf(type) : null;
  return rule && !mayAccess(access, rule) ? null : loaders.find(node, ...key);
}
