import { DeploymentPlanMember } from "../../entities/deployment-plan-member.js";
import { isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { withToken } from "../scopes.js";

interface DeploymentPlanMemberFilter {
  readonly outcome?: readonly string[] | null;
  readonly reason?: readonly string[] | null;
}

export const deploymentPlanMemberList: List<DeploymentPlanMember, DeploymentPlanMemberFilter, never> = {
  name: "deploymentPlanMemberList",
  from: "deployment_plan_member",
  scope: withToken,
  key: [
    { name: "token_id", type: "uuid" },
    { name: "plan_id", type: "bigint" },
    { name: "position", type: "integer" },
  ],
  filters: {
    outcome: (outcomes) => isAmong("outcome", outcomes),
    reason: (reasons) => isAmong("reason", reasons),
  },
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, DeploymentPlanMember, raw),
};
