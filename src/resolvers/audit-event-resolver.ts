import { Args, Ctx, Query, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { auditEventList } from "../queries/lists/audit-events.js";
import { AuditEventConnection, AuditEventListArgs } from "../schema/lists/audit-events.js";
import type { Context } from "./context.js";

@Resolver()
export class AuditEventResolver {
  @Allow(Role.ADMIN, { allTeams: true })
  @Query(() => AuditEventConnection, {
    description: "Every mutation that was asked for, done or refused; the newest first. Takes the role ADMIN.",
  })
  auditEvents(@Ctx() { loaders }: Context, @Args(() => AuditEventListArgs) args: AuditEventListArgs) {
    return loaders.list(auditEventList, args);
  }
}
