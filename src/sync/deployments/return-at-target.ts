import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationState as S } from "../../entities/installation.js";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { PluginError, type TargetLicenseHolder } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { leftAloneUntil } from "../targets/circuit/enter-circuit.js";
import { readRevoked } from "../targets/license-answers.js";
import { retryWishAt } from "../targets/plugin-failure.js";
import { requestSync } from "../tokens/request-sync.js";
import { moveInstallations } from "./move-installations.js";
import { USING_STATES } from "./transitions.js";

const CALL_DEADLINE_MS = 60_000;

/** Holders that one call tells of: so many are taken back within its deadline. */
const BATCH = 500;

/** How many are read at once, whatever waits behind. */
const PAGE = 5_000;

/** Before every installation. */
const FIRST: TokenScopedKey = { tokenId: "00000000-0000-0000-0000-000000000000", id: "0" };

/** A product may take so long to take licences back; what it has not done by then the next synchronisation shows. */
const PATIENCE_MS = 60 * 60_000;
const STILL_AT_IT = new PluginError("transient", "The product is still taking the licences back.");

interface Returning {
  tokenId: string;
  id: string;
  generation: number;
  want: InstallationWant;
  returningSince: Date;
  tokenExternalId: string;
  adamId: string;
  kind: TargetLicenseHolder["kind"];
  holder: string;
}

/**
 * With authority TARGET: asks the product to take back the licences of apps that are gone. Asked twice it does no harm; a
 * holder who still has the app on another device keeps it. What goes wrong with one app holds up no other, unless it leads
 * to a pause of the whole target.
 */
export async function returnAtTarget(core: Core, { targetId }: Jobs["return-at-target"]): Promise<void> {
  const tries: Date[] = [];
  for await (const batch of batchesToReturn(core, targetId)) {
    const { returned, error } = await revoke(core, targetId, batch);
    if (returned.length > 0) await core.dataSource.transaction((tx) => settle(tx, core, returned));
    if (!error) continue;
    tries.push(retryWishAt(error, oldest(batch), core.clock));
    const paused = await leftAloneUntil(core, targetId);
    if (!paused) continue;
    tries.push(paused);
    break;
  }
  const [soonest] = tries.sort((one, other) => one.getTime() - other.getTime());
  if (soonest) await core.dataSource.transaction((tx) => addJob(tx, "return-at-target", { targetId }, soonest));
}

/** All there are, read page by page: what stays as it is does not come again. */
async function* batchesToReturn(core: Core, targetId: string): AsyncGenerator<Returning[]> {
  for (let after: TokenScopedKey | undefined = FIRST; after; ) {
    const page = await licensesToReturn(core, targetId, after);
    yield* batchesOf(page);
    after = page.at(-1);
  }
}

/** Those of one app of one token, a call's worth at a time. */
function batchesOf(returning: readonly Returning[]): Returning[][] {
  const apps = groupBy(returning, ({ tokenId, adamId }) => `${tokenId}:${adamId}`);
  return [...apps.values()].flatMap((ofApp) =>
    Array.from({ length: Math.ceil(ofApp.length / BATCH) }, (_, index) =>
      ofApp.slice(index * BATCH, (index + 1) * BATCH),
    ),
  );
}

interface Revoked {
  /** Those that are back, or were waited for long enough. */
  readonly returned: readonly Returning[];
  /** Why others are not; null when there are none. */
  readonly error: PluginError | null;
}

async function revoke(core: Core, targetId: string, batch: readonly Returning[]): Promise<Revoked> {
  const [first] = batch;
  if (!first) return { returned: [], error: null };
  const holders = new Map(batch.map(({ kind, holder }) => [`${kind}:${holder}`, { kind, externalId: holder }]));
  try {
    const finished = await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
      readRevoked(
        await connection.licenses?.revoke(first.tokenExternalId, first.adamId, [...holders.values()], signal),
      ),
    );
    const since = core.clock.now().getTime() - core.clock.scaled(PATIENCE_MS);
    const returned = finished ? batch : batch.filter(({ returningSince }) => returningSince.getTime() <= since);
    return { returned, error: returned.length < batch.length ? STILL_AT_IT : null };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const { kind, message } = error;
    core.log.warn({ targetId, adamId: first.adamId, kind, error: message }, "A target did not take licences back");
    return { returned: [], error };
  }
}

function oldest(batch: readonly Returning[]): Date {
  return new Date(Math.min(...batch.map(({ returningSince }) => returningSince.getTime())));
}

async function settle(tx: EntityManager, core: Core, batch: readonly Returning[]): Promise<void> {
  await moveInstallations(
    tx,
    core,
    batch.map(({ tokenId, id, generation, want }) => ({
      tokenId,
      id,
      generation,
      from: S.RETURNING,
      to: want === InstallationWant.PRESENT ? S.REQUESTED : S.REMOVED,
      licenseId: null,
    })),
  );
  for (const tokenId of new Set(batch.map((row) => row.tokenId))) {
    await requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY });
    await addJob(tx, "license-installations", { tokenId });
  }
}

/** A page of them. Not a person's that one of their devices uses still: what has failed there may yet come, until its deadline. */
function licensesToReturn(core: Core, targetId: string, after: TokenScopedKey): Promise<Returning[]> {
  return rows<Returning>(
    core.dataSource,
    `SELECT i.token_id AS "tokenId", i.id, i.generation, i.want, i.state_at AS "returningSince", token.external_id AS "tokenExternalId",
            app.adam_id AS "adamId", lower(deployment.licensing) AS kind, alias.external_id AS holder
     FROM installation i
     JOIN token ON token.id = i.token_id AND token.authority = 'TARGET'
     JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
     JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
     JOIN LATERAL (
       SELECT external_id FROM holder_alias
       WHERE target_id = i.target_id
         AND CASE deployment.licensing WHEN 'USER' THEN user_id = i.user_id ELSE device_id = i.device_id END
       ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1
     ) alias ON true
     WHERE i.target_id = $1 AND i.state = 'RETURNING' AND (i.token_id, i.id) > ($3::uuid, $4::bigint)
       AND (deployment.licensing = 'DEVICE' OR NOT EXISTS (
         SELECT 1 FROM installation other
         WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id AND other.user_id = i.user_id
           AND other.id <> i.id AND other.state = ANY($2) AND (other.state <> 'FAILED' OR other.deadline_at IS NOT NULL)))
     ORDER BY i.token_id, i.id LIMIT ${PAGE}`,
    [targetId, USING_STATES, after.tokenId, after.id],
  );
}
