import type { EntityManager } from "typeorm";
import { AlertRuleKind } from "../../entities/alert-rule.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { missing } from "../../queries/node-key.js";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";

/** What a rule says; null where it says nothing. */
export interface AlertThresholds {
  readonly below: number | null;
  readonly belowPercent: number | null;
  readonly failures: number | null;
  readonly afterHours: number | null;
  readonly attempts: number | null;
}

export interface WantedAlertRule extends AlertThresholds {
  readonly kind: AlertRuleKind;
  /** Both null: for the whole installation. At most one is given. */
  readonly tokenId: string | null;
  readonly storeApp: TokenScopedKey | null;
  readonly muted: boolean;
}

const BOUNDS: Readonly<Record<keyof AlertThresholds, readonly [number, number]>> = {
  below: [1, 2_147_483_647],
  belowPercent: [1, 100],
  failures: [1, 20],
  afterHours: [1, 8_760],
  attempts: [1, 100],
};

const OF_KIND: Readonly<Record<AlertRuleKind, readonly (keyof AlertThresholds)[]>> = {
  LOW_STOCK: ["below", "belowPercent"],
  SYNC_FAILED: ["failures"],
  OPERATION_STUCK: ["afterHours", "attempts"],
};

/**
 * Sets the rule of a kind for the installation, a token or an app, instead of the one there is, and has all looked at.
 * @returns the rule's id.
 * @throws AppError INVALID_INPUT with `details.field` for what does not fit together, NOT_FOUND for no such token or app.
 */
export async function setAlertRule(
  tx: EntityManager,
  core: Core,
  wanted: WantedAlertRule,
  actor: string,
): Promise<string> {
  refuseUnfit(wanted);
  await requireScope(tx, wanted);
  const { kind, storeApp, muted } = wanted;
  const tokenId = storeApp?.tokenId ?? wanted.tokenId;
  const scope = [kind, tokenId, storeApp?.id ?? null];
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`alert rule:${scope.join(":")}`]);
  const known = await row<{ id: string }>(
    tx,
    `SELECT id FROM alert_rule WHERE kind = $1 AND token_id IS NOT DISTINCT FROM $2 AND store_app_id IS NOT DISTINCT FROM $3`,
    scope,
  );
  const id = known?.id ?? core.clock.uuid();
  await tx.query(
    `INSERT INTO alert_rule (id, kind, token_id, store_app_id, below, below_percent, failures, after_hours, attempts, muted,
                             set_at, set_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (id) DO UPDATE SET below = excluded.below, below_percent = excluded.below_percent,
       failures = excluded.failures, after_hours = excluded.after_hours, attempts = excluded.attempts,
       muted = excluded.muted, set_at = excluded.set_at, set_by = excluded.set_by`,
    [
      id,
      ...scope,
      wanted.below,
      wanted.belowPercent,
      wanted.failures,
      wanted.afterHours,
      wanted.attempts,
      muted,
      core.clock.now(),
      actor,
    ],
  );
  await addJob(tx, "check-alerts", {});
  return id;
}

function refuseUnfit(wanted: WantedAlertRule): void {
  const { kind, muted } = wanted;
  if (wanted.storeApp && wanted.tokenId) {
    throw unfit("storeApp", "A rule is for a token or for an app: give one of the two.");
  }
  if (wanted.storeApp && kind !== AlertRuleKind.LOW_STOCK) {
    throw unfit("storeApp", `Only rules of the kind LOW_STOCK are for an app, not ${kind}.`);
  }
  const given = (Object.keys(BOUNDS) as (keyof AlertThresholds)[]).filter((name) => wanted[name] !== null);
  const names = OF_KIND[kind];
  for (const name of given) {
    const [least, most] = BOUNDS[name];
    const value = wanted[name] ?? 0;
    if (!names.includes(name))
      throw unfit(name, `A rule of the kind ${kind} has no ${name}: give ${names.join(" or ")}.`);
    if (value < least || value > most) throw unfit(name, `${name} must be from ${least} to ${most}.`);
  }
  if (muted && given.length > 0) throw unfit("muted", "A muted rule has no thresholds: leave them out.");
  if (!muted && given.length === 0)
    throw unfit(names[0] ?? "kind", `Say when: give ${names.join(" or ")}, or mute it.`);
}

function unfit(field: string, message: string): AppError {
  return new AppError("INVALID_INPUT", message, { field });
}

async function requireScope(tx: EntityManager, { tokenId, storeApp }: WantedAlertRule): Promise<void> {
  if (tokenId && !(await row(tx, "SELECT FROM token WHERE id = $1 FOR KEY SHARE", [tokenId]))) missing(Token, tokenId);
  if (!storeApp) return;
  const { id } = storeApp;
  const found = await row(tx, "SELECT FROM store_app WHERE token_id = $1 AND id = $2 FOR KEY SHARE", [
    storeApp.tokenId,
    id,
  ]);
  if (!found) missing(StoreApp, id);
}
