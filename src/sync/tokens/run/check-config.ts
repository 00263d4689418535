import { Token, TokenHealthState, WRITABLE_HEALTH } from "../../../entities/token.js";
import { row } from "../../../queries/sql.js";
import type { AppleAccess, ClientConfig } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { changeHealth } from "../change-health.js";
import { claimOf, confirmedHealth, foreignHealth } from "../health-from-config.js";
import { recordConfig } from "../record-config.js";
import { subscriptionStands, wantedSubscription } from "../subscription.js";
import type { SyncRunRecord } from "./run-record.js";

/**
 * Asks, before anything is read: is the token valid, is the location still the same, and still ours? Another MDM's claim
 * ends the writing, not the reading. A location that waits for our claim, or a token that may write again, is verified.
 * @throws AppleError, also when the token opens another location than it did.
 */
export async function checkConfig(core: Core, access: AppleAccess, run: SyncRunRecord): Promise<void> {
  const config = await core.apple.clientConfig(access);
  requireLocation(run, config);
  const identity = await row<{ mdm_id: string }>(core.dataSource, "SELECT mdm_id FROM service_identity");
  const claim = claimOf(config, identity?.mdm_id ?? "");
  await core.dataSource.transaction(async (tx) => {
    const expiresAt = await recordConfig(tx, run.tokenId, config);
    if (claim === "foreign") return changeHealth(tx, core, run.tokenId, foreignHealth(config));
    const token = await tx.findOne(Token, { where: { id: run.tokenId } });
    const state = token?.health.state ?? TokenHealthState.UNVERIFIED;
    const writes = WRITABLE_HEALTH.includes(state);
    if (claim === "ours" && writes) {
      await changeHealth(tx, core, run.tokenId, confirmedHealth(expiresAt, core.clock.now()));
      const stands = subscriptionStands(config, wantedSubscription(core, run.tokenId));
      if (!stands) await addJob(tx, "subscribe-notifications", { tokenId: run.tokenId });
    } else if (state !== TokenHealthState.SUSPENDED) {
      await addJob(tx, "verify-token", { tokenId: run.tokenId });
    }
  });
}

function requireLocation(run: SyncRunRecord, config: ClientConfig): void {
  if (run.locationId === null || run.locationId === config.uId) return;
  throw new AppleError("The token opens another Apple location than it did: nothing was read. Add it as a new token.", {
    kind: "permanent",
  });
}
