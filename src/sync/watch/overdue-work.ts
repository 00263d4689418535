import { RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../queries/release-due-sql.js";
import { type Reader, rows } from "../../queries/sql.js";
import { UNSENT_SQL } from "../alerts/webhooks/unsent-sql.js";
import type { Core } from "../core.js";
import { tokensOfFormer } from "../deployments/release-former.js";
import { tokensOfLeavers } from "../deployments/retire-leavers.js";
import { targetsToTell } from "../deployments/target-steps.js";
import { tokensToAdvance } from "../deployments/tokens-to-advance.js";
import { tokensToLicense } from "../deployments/tokens-to-license.js";
import { tokensOfHindered } from "../deployments/try-hindered-again.js";
import type { JobName } from "../jobs.js";

export interface OverdueWork {
  readonly job: JobName;
  readonly key: "tokenId" | "targetId" | "endpointId";
  /** The places where something has been overdue since before that time. */
  readonly find: (db: Reader, core: Core, before: Date) => Promise<string[]>;
  /** A job for later is a pause on purpose, and not cut short. */
  readonly keepsPauses?: boolean;
}

/** @param sql a `place` a row; $1 is the time. */
function bySql(sql: string): OverdueWork["find"] {
  return async (db, _, before) => (await rows<{ place: string }>(db, sql, [before])).map(({ place }) => place);
}

/**
 * Where work can lie whose job was lost: the job that would find it, and the places where something is overdue. What waits for
 * something that has not come is not overdue, however long it waits: a job for it would be added with each sweep, for nothing.
 */
export const OVERDUE_WORK: readonly OverdueWork[] = [
  {
    job: "run-operations",
    key: "tokenId",
    find: bySql(
      "SELECT DISTINCT token_id AS place FROM apple_operation WHERE ended_at IS NULL AND state <> 'PAUSED' AND next_attempt_at <= $1",
    ),
  },
  { job: "license-installations", key: "tokenId", find: tokensToLicense },
  { job: "license-installations", key: "tokenId", find: tokensOfHindered },
  { job: "advance-installations", key: "tokenId", find: tokensToAdvance },
  { job: "advance-installations", key: "tokenId", find: tokensOfFormer },
  { job: "retire-leavers", key: "tokenId", find: tokensOfLeavers },
  { job: "apply-steps", key: "targetId", find: targetsToTell },
  {
    job: "apply-steps",
    key: "targetId",
    find: bySql("SELECT DISTINCT target_id AS place FROM installation WHERE handle IS NOT NULL AND verify_at <= $1"),
  },
  {
    job: "poll-steps",
    key: "targetId",
    find: bySql("SELECT DISTINCT target_id AS place FROM installation WHERE handle IS NOT NULL AND next_look_at <= $1"),
  },
  {
    job: "prepare-applications",
    key: "targetId",
    find: bySql("SELECT DISTINCT target_id AS place FROM application WHERE ready_at IS NULL AND created_at <= $1"),
    keepsPauses: true,
  },
  {
    job: "return-at-target",
    key: "targetId",
    find: bySql(
      `SELECT DISTINCT i.target_id AS place FROM installation i JOIN token ON token.id = i.token_id AND token.authority = 'TARGET'
       WHERE i.state = 'RETURNING' AND i.state_at <= $1`,
    ),
    keepsPauses: true,
  },
  {
    job: "release-orders",
    key: "targetId",
    find: bySql(
      `SELECT DISTINCT application.target_id AS place FROM ${STANDING_ORDERS_SQL}
       WHERE o.given_at <= $1 AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= $1) AND ${RELEASE_DUE_SQL}`,
    ),
  },
  {
    job: "read-webhook-events",
    key: "targetId",
    find: bySql("SELECT DISTINCT target_id AS place FROM webhook_event WHERE read_at IS NULL AND received_at <= $1"),
  },
  {
    job: "read-notifications",
    key: "tokenId",
    find: bySql(
      "SELECT DISTINCT token_id AS place FROM apple_notification WHERE read_at IS NULL AND received_at <= $1",
    ),
  },
  {
    job: "send-webhooks",
    key: "endpointId",
    find: bySql(
      `SELECT DISTINCT endpoint_id AS place FROM webhook_delivery unsent WHERE next_attempt_at <= $1 AND ${UNSENT_SQL}`,
    ),
  },
  {
    job: "sync-token",
    key: "tokenId",
    find: bySql("SELECT DISTINCT token_id AS place FROM sync_run WHERE ended_at IS NULL AND started_at <= $1"),
    keepsPauses: true,
  },
  {
    job: "remove-token",
    key: "tokenId",
    find: bySql("SELECT id AS place FROM token WHERE removing_at <= $1"),
    keepsPauses: true,
  },
];
