import type { EntityManager } from "typeorm";
import { SyncMode } from "../../../entities/sync-run.js";
import { TokenHealthState, WRITABLE_HEALTH } from "../../../entities/token.js";
import type { AppleAccess, ClientConfig } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { changeHealth } from "../change-health.js";
import { lockIdentity } from "../claim/identity.js";
import { raiseEpoch } from "../claim/intend-claim.js";
import { judgeLocation } from "../claim/judge-location.js";
import { type LocationFacts, readLocationFacts } from "../claim/location-facts.js";
import { confirmedHealth, locationOf } from "../health-from-config.js";
import { recordConfig } from "../record-config.js";
import { subscriptionStands, wantedSubscription } from "../subscription.js";
import type { SyncRunRecord } from "./run-record.js";

/** Nothing is to be proved to Apple by these: an admin has to act, the schedule asks, or everything is read first. */
const NOT_VERIFIED: readonly TokenHealthState[] = [TokenHealthState.SUSPENDED, TokenHealthState.READ_ONLY];

/**
 * Asks, before anything is read: is the token valid, is the location still the same, and still ours? A full run raises the
 * epoch of our claim. A location that waits for our claim, or a token that may write again, is verified. Another's claim
 * ends the writing, not the reading: watch-location has seen to that by then.
 * @throws AppleError, also when the token opens another location than it did.
 */
export async function checkConfig(core: Core, access: AppleAccess, run: SyncRunRecord): Promise<void> {
  const config = await core.apple.clientConfig(access);
  requireLocation(run, config);
  await core.dataSource.transaction(async (tx) => {
    if (run.mode === SyncMode.FULL) await lockIdentity(tx);
    await tx.query("SELECT 1 FROM token WHERE id = $1 FOR NO KEY UPDATE", [run.tokenId]);
    const facts = await readLocationFacts(tx, run.tokenId);
    if (!facts) return;
    if (judgeLocation(facts, locationOf(config)) === "agrees" && WRITABLE_HEALTH.includes(facts.state)) {
      return keepClaim(tx, core, run, config);
    }
    await recordConfig(tx, run.tokenId, config);
    if (needsVerifying(facts)) await addJob(tx, "verify-token", { tokenId: run.tokenId });
  });
}

async function keepClaim(tx: EntityManager, core: Core, run: SyncRunRecord, config: ClientConfig): Promise<void> {
  if (run.mode === SyncMode.FULL) {
    await raiseEpoch(tx, core, run.tokenId);
    await addJob(tx, "verify-token", { tokenId: run.tokenId });
  }
  const expiresAt = await recordConfig(tx, run.tokenId, config);
  await changeHealth(tx, core, run.tokenId, confirmedHealth(expiresAt, core.clock.now()));
  const subscribed = subscriptionStands(config, wantedSubscription(core, run.tokenId));
  if (!subscribed) await addJob(tx, "subscribe-notifications", { tokenId: run.tokenId });
}

function needsVerifying({ state, distrustedAt }: LocationFacts): boolean {
  return distrustedAt === null && !NOT_VERIFIED.includes(state);
}

function requireLocation(run: SyncRunRecord, config: ClientConfig): void {
  if (run.locationId === null || run.locationId === config.uId) return;
  throw new AppleError("The token opens another Apple location than it did: nothing was read. Add it as a new token.", {
    kind: "permanent",
  });
}
