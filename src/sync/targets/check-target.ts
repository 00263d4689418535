import type { EntityManager } from "typeorm";
import { z } from "zod";
import { ApnsState, TargetFinding } from "../../entities/target.js";
import {
  type CheckResult,
  FINDING_SEVERITIES,
  APNS_STATES as REPORTED_APNS_STATES,
  type ApnsState as ReportedApnsState,
  type TargetConnection,
  type TargetToken,
} from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { readAnswer } from "./answers.js";
import { tryTarget } from "./call-target.js";
import { closeCircuit } from "./circuit/close-circuit.js";
import type { Hide } from "./hide-secrets.js";
import { readTokens } from "./license-answers.js";
import { withLikelyDuplicates } from "./likely-duplicates.js";
import { toAppError, toPluginError } from "./plugin-failure.js";
import { recordTargetTokens } from "./record-target-tokens.js";
import { storableName, storableText, storableTime } from "./storable.js";
import { noSuchTarget, requireStoredTarget } from "./stored-target.js";
import { warnOfApns } from "./warn-of-apns.js";
import { CALL_DEADLINE_MS } from "./within-deadline.js";

/** What a check found, and the content tokens that the product holds; null when it owns none by contract. */
export interface TargetCheck extends CheckResult {
  readonly tokens: readonly TargetToken[] | null;
}

/** More than these nobody reads. */
const MOST_FINDINGS = 100;

const CHECK = z.object({
  ok: z.boolean(),
  apns: z.object({
    state: z.enum(REPORTED_APNS_STATES),
    expiresAt: storableTime.nullable(),
  }),
  findings: z
    .array(
      z
        .object({
          severity: z.enum(FINDING_SEVERITIES),
          code: storableName,
          message: storableText,
          remedy: storableText.nullish(),
        })
        .transform(({ remedy, ...finding }) => ({ ...finding, ...(remedy == null ? {} : { remedy }) })),
    )
    .transform((findings) => findings.slice(0, MOST_FINDINGS)),
});

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
  const check = await tryTarget(core, targetId, CALL_DEADLINE_MS, askTarget).catch((error) => {
    throw toAppError(toPluginError(error, core.clock, core.log), core.clock, target.name);
  });
  return withLikelyDuplicates(core.dataSource, targetId, check);
}

/** The calls of a check, on any connection. */
export async function askTarget(connection: TargetConnection, signal: AbortSignal, hide: Hide): Promise<TargetCheck> {
  const result = readAnswer(CHECK, await connection.check(signal), "its check");
  const tokens = connection.licenses ? readTokens(await connection.licenses.tokens(signal)) : null;
  const findings = result.findings.map((finding) => ({
    ...finding,
    message: hide(finding.message),
    ...(finding.remedy === undefined ? {} : { remedy: hide(finding.remedy) }),
  }));
  return { ...result, findings, tokens };
}

/**
 * Stores what a check found, and closes the circuit; what the product has refused is asked for again, since somebody may have
 * mended it there. Tokens that the product has got since the last one are added and mirrored.
 */
export async function recordCheck(tx: EntityManager, core: Core, targetId: string, check: TargetCheck): Promise<void> {
  const columns = checkColumns(check);
  const target = await row<{ name: string }>(
    tx,
    "UPDATE target SET apns_state = $2, apns_expires_at = $3, findings = $4, checked_at = $5 WHERE id = $1 RETURNING name",
    [targetId, columns.apnsState, columns.apnsExpiresAt, columns.findings, core.clock.now()],
  );
  if (!target) throw noSuchTarget(targetId);
  await closeCircuit(tx, core, targetId);
  await tx.query(
    `UPDATE standing_order o SET next_attempt_at = NULL FROM application
     WHERE application.token_id = o.token_id AND application.id = o.application_id AND application.target_id = $1
       AND o.next_attempt_at IS NOT NULL`,
    [targetId],
  );
  for (const job of ["prepare-applications", "return-at-target", "release-orders"] as const)
    await addJob(tx, job, { targetId });
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
