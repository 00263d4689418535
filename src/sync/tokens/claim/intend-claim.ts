import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";
import type { MdmInfo } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { claimMetadata, readClaimMetadata } from "./claim-metadata.js";
import { type Identity, lockIdentity } from "./identity.js";

const SERVICE_NAME = "Allotment";

/** Our claim as Apple is to show it. */
export function ourClaim(us: Pick<Identity, "mdmId" | "instance">, epoch: number): MdmInfo {
  return { id: us.mdmId, name: SERVICE_NAME, metadata: claimMetadata({ epoch, instance: us.instance }) };
}

/** An epoch rises by so much at most. */
const LONGEST_STEP = 1_000;

/**
 * Means to claim with a later epoch: a database that is put back to before this will find it at Apple. By a step of any
 * length, since two copies that live in step, down to the moment of each run, would otherwise never tell each other's claim
 * from their own. To be committed before Apple is asked; verify-token then writes it there.
 */
export async function raiseEpoch(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  const { epoch } = await lockIdentity(tx);
  await setEpoch(tx, tokenId, epoch + 1 + Math.floor(core.clock.random() * LONGEST_STEP));
}

/**
 * Means to claim, to be committed before Apple is asked. What was meant before is meant again, unless Apple shows a claim
 * that is as late: then one that is later.
 * @param over what Apple shows now.
 * @returns what to write there; null when the database has been found untrustworthy meanwhile.
 */
export async function intendClaim(tx: EntityManager, tokenId: string, over: MdmInfo | null): Promise<MdmInfo | null> {
  const us = await lockIdentity(tx);
  const token = await row<{ meant: number | null }>(
    tx,
    `SELECT claimed_epoch::float8 AS meant FROM token WHERE id = $1 AND distrusted_at IS NULL
     FOR NO KEY UPDATE`,
    [tokenId],
  );
  if (!token) return null;
  const { meant } = token;
  const least = leastEpoch(us, over);
  if (meant !== null && meant >= least) return ourClaim(us, meant);
  const epoch = Math.max(us.epoch, least);
  await setEpoch(tx, tokenId, epoch);
  return ourClaim(us, epoch);
}

function leastEpoch(us: Identity, over: MdmInfo | null): number {
  const mark = over?.id.toLowerCase() === us.mdmId ? readClaimMetadata(over.metadata) : null;
  if (mark === null) return 0;
  return mark.instance === us.instance ? mark.epoch : mark.epoch + 1;
}

async function setEpoch(tx: EntityManager, tokenId: string, epoch: number): Promise<void> {
  await tx.query("UPDATE service_identity SET epoch = $1 WHERE epoch < $1", [epoch]);
  await tx.query("UPDATE token SET claimed_epoch = $2 WHERE id = $1", [tokenId, epoch]);
}
