import type { EntityManager } from "typeorm";
import { ApnsState, TargetFinding } from "../../entities/target.js";
import type {
  CheckResult,
  ApnsState as ReportedApnsState,
  TargetConnection,
  TargetToken,
} from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { callTarget } from "./call-target.js";
import { withLikelyDuplicates } from "./likely-duplicates.js";
import { toAppError, toPluginError } from "./plugin-failure.js";
import { recordTargetTokens } from "./record-target-tokens.js";
import { noSuchTarget, requireStoredTarget } from "./stored-target.js";
import { warnOfApns } from "./warn-of-apns.js";
import { CALL_DEADLINE_MS } from "./within-deadline.js";

/** What a check found, and the content tokens that the product holds; null when it owns none by contract. */
export interface TargetCheck extends CheckResult {
  readonly tokens: readonly TargetToken[] | null;
}

const APNS_STATES: Readonly<Record<ReportedApnsState, ApnsState>> = {
  valid: ApnsState.VALID,
  expired: ApnsState.EXPIRED,
  missing: ApnsState.MISSING,
  "not-reported": ApnsState.NOT_REPORTED,
};

/**
 * Asks a target how it is. Changes nothing; `recordCheck` stores the answer.
 * @throws AppError NOT_FOUND, TARGET_REJECTED, TARGET_UNAVAILABLE with `retryAt`, INTERNAL.
 */
export async function checkTarget(core: Core, targetId: string): Promise<TargetCheck> {
  const target = await requireStoredTarget(core.dataSource, targetId);
  const check = await callTarget(core, targetId, CALL_DEADLINE_MS, askTarget).catch((error) => {
    throw toAppError(toPluginError(error, core.clock, core.log), core.clock, target.name);
  });
  return withLikelyDuplicates(core.dataSource, targetId, check);
}

/** The calls of a check, on any connection. */
export async function askTarget(connection: TargetConnection, signal: AbortSignal): Promise<TargetCheck> {
  const result = await connection.check(signal);
  const tokens = connection.licenses ? await connection.licenses.tokens(signal) : null;
  return { ...result, tokens };
}

/** Stores what a check found, and ends a pause after failures; tokens that the product has got since the last one are added and mirrored. */
export async function recordCheck(tx: EntityManager, core: Core, targetId: string, check: TargetCheck): Promise<void> {
  const columns = checkColumns(check);
  const target = await row<{ name: string }>(
    tx,
    `UPDATE target SET apns_state = $2, apns_expires_at = $3, findings = $4, checked_at = $5, paused_until = NULL WHERE id = $1
     RETURNING name`,
    [targetId, columns.apnsState, columns.apnsExpiresAt, columns.findings, core.clock.now()],
  );
  if (!target) throw noSuchTarget(targetId);
  await addJob(tx, "apply-steps", { targetId });
  await addJob(tx, "poll-steps", { targetId });
  await warnOfApns(tx, core, [targetId]);
  await recordTargetTokens(tx, core, { id: targetId, name: target.name }, check.tokens ?? []);
}

/** A check as a target's columns hold it. */
export function checkColumns(check: CheckResult): {
  apnsState: ApnsState;
  apnsExpiresAt: Date | null;
  findings: string;
} {
  const findings: TargetFinding[] = check.findings.map(({ severity, code, message, remedy }) =>
    Object.assign(new TargetFinding(), { severity, code, message, remedy: remedy ?? null }),
  );
  return {
    apnsState: APNS_STATES[check.apns.state],
    apnsExpiresAt: check.apns.expiresAt,
    findings: JSON.stringify(findings),
  };
}
