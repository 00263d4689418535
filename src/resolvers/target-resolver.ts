import { GraphQLJSONObject } from "graphql-scalars";
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { apnsFinding } from "../entities/apns-finding.js";
import { Role } from "../entities/role.js";
import { Target, TargetFinding } from "../entities/target.js";
import { circuitOf, TargetCircuit } from "../entities/target-circuit.js";
import { AppError } from "../errors.js";
import { byTarget } from "../queries/columns.js";
import { collectionList } from "../queries/lists/collections.js";
import { targetList } from "../queries/lists/targets.js";
import { CollectionConnection, CollectionListArgs } from "../schema/lists/collections.js";
import { TargetConnection, TargetListArgs } from "../schema/lists/targets.js";
import { PluginInfo } from "../schema/plugin-info.js";
import { describePlugin } from "../sync/targets/describe-plugin.js";
import { namesOfSecrets, shownSettings } from "../sync/targets/shown-settings.js";
import type { Context } from "./context.js";
import { seenTeams } from "./seen-teams.js";

@Resolver(() => Target)
export class TargetResolver {
  @Allow(Role.VIEWER)
  @Query(() => Target, { nullable: true, description: "One target." })
  target(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<Target> {
    return loaders.byGlobalId(Target, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => TargetConnection, { description: "The targets, by name if not sorted otherwise." })
  targets(@Ctx() { loaders }: Context, @Args(() => TargetListArgs) args: TargetListArgs) {
    return loaders.list(targetList, args);
  }

  @FieldResolver(() => [String], {
    description: "The teams that it is of, as far as they are yours.",
  })
  teams(@Root() root: Target, @Ctx() context: Context): string[] {
    return seenTeams(root.teams, context);
  }

  @FieldResolver(() => CollectionConnection, { description: "The collections that it owns." })
  collections(
    @Root() root: Target,
    @Ctx() { loaders }: Context,
    @Args(() => CollectionListArgs) args: CollectionListArgs,
  ) {
    return loaders.related(collectionList, byTarget, root, args);
  }

  @FieldResolver(() => PluginInfo, {
    nullable: true,
    description: "What is known of its plugin; null when the plugin is not installed any more.",
  })
  pluginInfo(@Root() root: Target, @Ctx() { core }: Context): PluginInfo | null {
    const plugin = core.plugins.get(root.plugin);
    return plugin ? describePlugin(plugin) : null;
  }

  @FieldResolver(() => TargetFinding, {
    nullable: true,
    description:
      "Whether its devices hear nothing now (APNS_MISSING, APNS_EXPIRED), or within 30 days (APNS_EXPIRES); null when neither is known.",
  })
  apnsFinding(@Root() root: Target, @Ctx() { core }: Context): TargetFinding | null {
    return apnsFinding(root, core.clock.now());
  }

  @FieldResolver(() => TargetCircuit, { description: "Whether it is called now, and why not." })
  circuit(@Root() root: Target, @Ctx() { core }: Context): TargetCircuit {
    return circuitOf(root, core.clock.now());
  }

  @Allow(Role.ADMIN)
  @FieldResolver(() => GraphQLJSONObject, {
    description: "Its settings, without the secret ones. Takes the role ADMIN.",
  })
  settings(@Root() root: Target, @Ctx() context: Context): Record<string, unknown> {
    requireOwn(root, context);
    return shownSettings(context.core, root);
  }

  @Allow(Role.ADMIN)
  @FieldResolver(() => [String], {
    description: "The names of its secret settings that are set. What they are is shown nowhere. Takes the role ADMIN.",
  })
  secretSettings(@Root() root: Target, @Ctx() context: Context): string[] {
    requireOwn(root, context);
    return namesOfSecrets(context.core, root);
  }

  @Allow(Role.ADMIN)
  @FieldResolver(() => String, {
    nullable: true,
    description: "Where its product may call us; null without `PUBLIC_URL`. Takes the role ADMIN.",
  })
  webhookUrl(@Root() root: Target, @Ctx() context: Context): string | null {
    requireOwn(root, context);
    const { publicUrl } = context.core.policy;
    return publicUrl && `${publicUrl.replace(/\/$/, "")}/targets/${root.id}/webhook`;
  }

  @Allow(Role.VIEWER, { allTeams: true })
  @Query(() => [PluginInfo], { description: "The MDM products that a target can be added for." })
  plugins(@Ctx() { core }: Context): PluginInfo[] {
    return [...core.plugins.values()].map(describePlugin);
  }

  @Allow(Role.VIEWER, { allTeams: true })
  @Query(() => PluginInfo, { nullable: true, description: "One of the MDM products that a target can be added for." })
  plugin(@Ctx() { core }: Context, @Arg("name", () => String, { description: "Its name." }) name: string): PluginInfo {
    const plugin = core.plugins.get(name);
    if (plugin) return describePlugin(plugin);
    throw new AppError("NOT_FOUND", "There is no plugin of this name. Use one that `plugins` tells.", { name });
  }
}

/** @throws AppError FORBIDDEN for a target of another team, which is seen only since an app is there. */
function requireOwn(target: Target, context: Context): void {
  if (context.access.teams === null || seenTeams(target.teams, context).length > 0) return;
  throw new AppError("FORBIDDEN", "This target is not your team's own. Ask an admin of this installation.", {
    id: target.globalId,
  });
}
