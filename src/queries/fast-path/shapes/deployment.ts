import { AppleUserStatus } from "../../../entities/apple-user.js";
import { Application } from "../../../entities/application.js";
import { Collection } from "../../../entities/collection.js";
import { Deployment, DeploymentPurpose } from "../../../entities/deployment.js";
import { DeploymentPlan } from "../../../entities/deployment-plan.js";
import { DeploymentPlanMember } from "../../../entities/deployment-plan-member.js";
import { Device } from "../../../entities/device.js";
import {
  Installation,
  InstallationReason,
  InstallationState,
  RECLAIM_GRACE_MS,
} from "../../../entities/installation.js";
import { License } from "../../../entities/license.js";
import { StoreApp } from "../../../entities/store-app.js";
import { Target } from "../../../entities/target.js";
import { User } from "../../../entities/user.js";
import { byCollection, byDeployment, byPlan, byTarget } from "../../columns.js";
import { keepsSql } from "../../kept-by.js";
import { collectionMemberList } from "../../lists/collection-members.js";
import { collectionList } from "../../lists/collections.js";
import { deploymentPlanMemberList } from "../../lists/deployment-plan-members.js";
import { installationList } from "../../lists/installations.js";
import { reservationList } from "../../lists/reservations.js";
import { countOf, related } from "../connection-json.js";
import { lateValue, listIn, listOf, objectIn, one, oneWhere, same, untold, value } from "../objects.js";
import type { Shape } from "../shape.js";
import { apnsFinding, targetFinding } from "./apns-finding.js";
import { pluginInfo, settings, webhookUrl } from "./plugins.js";
import { seenTeams } from "./seen-teams.js";

const storeApp = one(StoreApp, "token_id", "store_app_id");
const target = one(Target, "target_id");
const device = one(Device, "device_id");
const user = one(User, "user_id");

/** Seconds between a moment of a plan and the plan itself. */
const ageOf = (column: string) =>
  value((row) => {
    const age = `extract(epoch FROM ${row}.created_at - ${row}.${column})`;
    return `CASE WHEN ${row}.${column} IS NOT NULL THEN GREATEST(${age}, 0)::float8 END`;
  });

/** Deployments, their plans, and what became of them; targets and collections. */
export const deploymentShapes: Readonly<Record<string, Shape>> = {
  Deployment: {
    entity: Deployment,
    fields: {
      application: one(Application, "token_id", "application_id"),
      collection: one(Collection, "collection_id"),
      installationCounts: listOf(
        (row) => `SELECT state, count(*) AS count, count(*) FILTER (WHERE left_at IS NOT NULL) AS left_count
                  FROM installation WHERE token_id = ${row}.token_id AND deployment_id = ${row}.id GROUP BY state`,
        "state",
      ),
      installations: related(installationList, byDeployment),
      storeApp,
      target,
    },
  },
  InstallationCount: {
    fields: {
      count: value((row) => `${row}.count`),
      left: value((row) => `${row}.left_count`),
      state: value((row) => `${row}.state`),
    },
  },
  Installation: {
    entity: Installation,
    fields: {
      deployment: one(Deployment, "token_id", "deployment_id"),
      appEndsBy: lateValue((row, { facts }) => appEndsBySql(row, facts.scaled(RECLAIM_GRACE_MS))),
      device,
      invitationUrl: value(invitationSql),
      keptBy: oneWhere(
        Deployment,
        ({ row }) => [[`${row}.token_id`], [keptBySql(row)]],
        ({ row }) => `${row}.reason = 'KEPT_BY_INSTALL'`,
      ),
      license: one(License, "token_id", "license_id"),
      // For one it costs as much as for all that wait before it, whom the ordinary execution goes through once.
      queue: untold,
      storeApp,
      target,
      targetFinding,
      user,
    },
  },
  DeploymentPlan: {
    entity: DeploymentPlan,
    fields: {
      collection: one(Collection, "collection_id"),
      countsAgeSeconds: ageOf("counts_at"),
      deployment: one(Deployment, "token_id", "deployment_id"),
      holdersAgeSeconds: ageOf("holders_imported_at"),
      lastSyncAgeSeconds: ageOf("last_sync_at"),
      members: related(deploymentPlanMemberList, byPlan),
      outcomeCounts: listIn("outcome_counts"),
      purpose: value(() => `'${DeploymentPurpose.REQUIRED}'`),
      stockAfter: objectIn("stock_after"),
      stockBefore: objectIn("stock_before"),
      storeApp,
      target,
      warnings: listIn("warnings"),
    },
  },
  DeploymentPlanMember: {
    entity: DeploymentPlanMember,
    fields: {
      device,
      license: one(License, "token_id", "license_id"),
      plannedLicense: value((row) => `${row}.license`),
      user,
    },
  },
  PlanOutcomeCount: { inJson: true },
  PlanStock: { inJson: true },
  PlanWarning: { inJson: true },
  Collection: {
    entity: Collection,
    fields: {
      memberCount: countOf(collectionMemberList, byCollection),
      members: related(collectionMemberList, byCollection),
      reservations: related(reservationList, byCollection),
      target,
      teams: seenTeams,
    },
  },
  Target: {
    entity: Target,
    fields: {
      apnsFinding,
      circuit: same,
      collections: related(collectionList, byTarget),
      findings: listIn("findings"),
      pluginInfo,
      // What secrets there are is sealed.
      secretSettings: untold,
      settings,
      teams: seenTeams,
      webhookUrl,
    },
  },
  TargetCircuit: {
    fields: {
      consecutiveFailures: value((row) => `${row}.failures`),
      lastError: value((row) => `${row}.last_error`),
      lastFailedAt: value((row) => `${row}.last_failed_at`),
      since: value((row) => `${row}.opened_at`),
      state: lateValue(
        (row, { facts, bind }) => `CASE WHEN ${row}.paused_until IS NULL THEN 'CLOSED'
          WHEN ${row}.paused_until > ${bind(facts.now(), "timestamptz")} THEN 'OPEN' ELSE 'HALF_OPEN' END`,
      ),
      until: value((row) => `${row}.paused_until`),
    },
  },
  TargetFinding: { inJson: true },
};

/** SQL for the deployment whose install wins over this uninstall. */
function keptBySql(row: string): string {
  return `(SELECT other.deployment_id FROM installation other
    WHERE other.device_id = ${row}.device_id AND other.token_id = ${row}.token_id
      AND other.store_app_id = ${row}.store_app_id AND other.deployment_id <> ${row}.deployment_id
      AND ${keepsSql("other")} ORDER BY other.id LIMIT 1)`;
}

function appEndsBySql(row: string, graceMs: number): string {
  const { RECLAIMED, LICENSE_LOST } = InstallationReason;
  return `CASE WHEN ${row}.reason = '${RECLAIMED}' OR ${row}.reason = '${LICENSE_LOST}' AND ${row}.state = '${InstallationState.REMOVED}'
    THEN date_trunc('milliseconds', ${row}.state_at + interval '${graceMs} milliseconds') END`;
}

/** Of the person's registration with the token that is open, the link to accept it. */
function invitationSql(row: string): string {
  return `(SELECT open.invitation_url FROM apple_user open
    WHERE ${row}.reason = '${InstallationReason.INVITATION_OPEN}' AND open.user_id = ${row}.user_id
      AND open.token_id = ${row}.token_id AND open.status = '${AppleUserStatus.REGISTERED}'
    ORDER BY open.id LIMIT 1)`;
}
