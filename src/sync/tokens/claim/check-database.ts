import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { SyncMode, SyncTrigger } from "../../../entities/sync-run.js";
import { TokenHealthState } from "../../../entities/token.js";
import { rows } from "../../../queries/sql.js";
import type { Core, EpochRecord } from "../../core.js";
import { requestSync } from "../request-sync.js";
import { spreadTurn } from "../spread-turn.js";
import { type Distrust, distrustDatabase } from "./distrust-database.js";
import { type Identity, lockIdentity, readIdentity } from "./identity.js";
import { isSameDatabase, readServer, type Server } from "./server-facts.js";

/**
 * Looks whether the database is the one that it was, and as far as it was: by what the data directory remembers, and by
 * what the server says of it. A restored or copied one is trusted again only after everything was read from Apple; a new timeline alone, as a
 * failover makes it, means that each token's changes are read. Runs before any job at start, and in each sweep.
 */
export async function checkDatabase(core: Core): Promise<void> {
  const remembered = await core.epochFile.read();
  const server = await readServer(core.dataSource);
  if (!isUnchanged(await readIdentity(core.dataSource), server, remembered)) {
    await core.dataSource.transaction(async (tx) => {
      const us = await lockIdentity(tx);
      const distrust = findDistrust(us, server, remembered);
      if (distrust) {
        core.log.error({ evidence: distrust.evidence }, "The database was restored or copied");
        await distrustDatabase(tx, core, us, distrust);
      } else if (us.timelineSeen !== null && us.timelineSeen !== server.timeline) {
        await readChanges(tx, core);
      }
      await tx.query("UPDATE service_identity SET database_seen = $1, timeline_seen = $2", [
        server.database,
        server.timeline ?? us.timelineSeen,
      ]);
    });
  }
  await clearAlert(core);
  await remember(core, server, remembered);
}

async function readChanges(tx: EntityManager, core: Core): Promise<void> {
  const tokens = await rows<{ id: string }>(tx, "SELECT id FROM token WHERE health_state <> $1 ORDER BY id", [
    TokenHealthState.SUSPENDED,
  ]);
  for (const { id } of tokens) {
    const at = spreadTurn(core, core.clock.now(), id, tokens.length);
    await requestSync(tx, core, id, { mode: SyncMode.DELTA, trigger: SyncTrigger.RECOVERY, ...(at && { at }) });
  }
}

function isUnchanged(us: Identity, server: Server, remembered: EpochRecord | null): boolean {
  return (
    us.databaseSeen === server.database &&
    (server.timeline === null || us.timelineSeen === server.timeline) &&
    findDistrust(us, server, remembered) === null
  );
}

function findDistrust(us: Identity, server: Server, remembered: EpochRecord | null): Distrust | null {
  const ours = remembered?.mdmId === us.mdmId && !isPast(us, remembered) ? remembered : null;
  const evidence = evidenceOf(us, server, ours);
  return evidence === null ? null : { evidence, epoch: ours?.epoch ?? 0, instances: ours?.instances ?? [] };
}

/** Written before the database was last found restored: by a replica that was away meanwhile, or is at it now. */
function isPast(us: Identity, { instances: [latest] }: EpochRecord): boolean {
  return latest !== undefined && us.formerInstances.includes(latest);
}

function evidenceOf(us: Identity, server: Server, ours: EpochRecord | null): string | null {
  if (ours && ours.epoch > us.epoch) {
    return `The data directory remembers the epoch ${ours.epoch}, and the database has come to ${us.epoch}.`;
  }
  if (us.databaseSeen !== null && !isSameDatabase(us.databaseSeen, server.database)) {
    return `The database was ${us.databaseSeen} (system identifier and number) and is now ${server.database}, as after a restore, a move or an upgrade of PostgreSQL.`;
  }
  const { log } = ours ?? {};
  if (!log || log.database !== server.database || server.position === null) return null;
  if (BigInt(log.position) <= BigInt(server.position)) return null;
  return `The data directory remembers ${log.position} bytes of the database's log, which has come to ${server.position}.`;
}

/** It is over when every token was read, but those that an admin has paused. */
async function clearAlert(core: Core): Promise<void> {
  await core.dataSource.query(
    `UPDATE alert SET cleared_at = $1
     WHERE kind = '${AlertKind.DATABASE_RESTORED}' AND cleared_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM token WHERE distrusted_at IS NOT NULL AND health_state <> $2)`,
    [core.clock.now(), TokenHealthState.SUSPENDED],
  );
}

/** After the database has it, so that the file is never ahead of a database that is the living one. */
async function remember(core: Core, server: Server, remembered: EpochRecord | null): Promise<void> {
  const { mdmId, epoch, instance, formerInstances } = await readIdentity(core.dataSource);
  const instances = [instance, ...formerInstances];
  const log = server.position === null ? null : { database: server.database, position: server.position };
  const now = { mdmId, epoch, instances, log };
  if (JSON.stringify(remembered) !== JSON.stringify(now)) await core.epochFile.write(now);
}
