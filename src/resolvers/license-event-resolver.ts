import { Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { Deployment } from "../entities/deployment.js";
import { LicenseCause } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { licenseEventList } from "../queries/lists/license-events.js";
import { LicenseEvent } from "../schema/license-event.js";
import { LicenseEventConnection, LicenseEventListArgs } from "../schema/lists/license-events.js";
import type { Context } from "./context.js";

@Resolver(() => LicenseEvent)
export class LicenseEventResolver {
  @Allow(Role.VIEWER)
  @Query(() => LicenseEventConnection, {
    description: "Starts and ends of holdings, with cause, actor, deployment and operation; the newest first.",
  })
  licenseEvents(@Ctx() { loaders }: Context, @Args(() => LicenseEventListArgs) args: LicenseEventListArgs) {
    return loaders.list(licenseEventList, args);
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description:
      "For which deployment, with the cause DEPLOYMENT: the one that claimed it, or that used it last. Null where it has been removed with its token or target.",
  })
  deployment(@Root() { kind, cause, license }: LicenseEvent, @Ctx() { loaders }: Context): Promise<Deployment | null> {
    const id = kind === "STARTED" ? license.startDeploymentId : license.lastDeploymentId;
    return loaders.find(Deployment, license.tokenId, cause === LicenseCause.DEPLOYMENT ? id : null);
  }

  @FieldResolver(() => AppleOperation, {
    nullable: true,
    description: "What was asked of Apple for it; null where nothing was, and it was found there, or gone.",
  })
  operation(@Root() { kind, license }: LicenseEvent, @Ctx() { loaders }: Context): Promise<AppleOperation | null> {
    const id = kind === "STARTED" ? license.startOperationId : license.endOperationId;
    return loaders.find(AppleOperation, license.tokenId, id);
  }
}
