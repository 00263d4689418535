import { row } from "../../queries/sql.js";
import type { AppleAccess, ClientConfig, MdmInfo } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { changeHealth, type HealthFinding } from "./change-health.js";
import { claimOf, confirmedHealth, foreignHealth } from "./health-from-config.js";
import { recordConfig } from "./record-config.js";
import { accessToken, tokenErrorHealth } from "./token-access.js";

const SERVICE_NAME = "Allotment";
const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/**
 * Asks Apple about a token and claims its location unless somebody else has; the token may write from then on. While
 * Apple is away nothing changes, and it is asked again after as long as it has not answered yet, a minute to an hour.
 */
export async function verifyToken(core: Core, { tokenId }: Jobs["verify-token"]): Promise<void> {
  const access = await accessToken(core, tokenId);
  if (!access) return;
  try {
    const us = await readIdentity(core);
    const config = await core.apple.clientConfig(access);
    const foreign = claimOf(config, us.id) === "foreign";
    if (!foreign) await claim(core, access, config, us);
    await conclude(core, tokenId, config, foreign ? foreignHealth(config) : null);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    const health = tokenErrorHealth(error);
    if (health) await core.dataSource.transaction((tx) => changeHealth(tx, core, tokenId, health));
    else await askAgain(core, tokenId, error);
  }
}

async function readIdentity(core: Core): Promise<MdmInfo> {
  const identity = await row<{ mdm_id: string; epoch: string }>(
    core.dataSource,
    "SELECT mdm_id, epoch FROM service_identity",
  );
  if (!identity) throw new Error("The row of service_identity is missing");
  return { id: identity.mdm_id, name: SERVICE_NAME, metadata: JSON.stringify({ epoch: Number(identity.epoch) }) };
}

/** Writes our name over the location unless it stands there already. */
async function claim(core: Core, access: AppleAccess, { mdmInfo }: ClientConfig, us: MdmInfo): Promise<void> {
  if (mdmInfo?.id === us.id && mdmInfo.name === us.name && mdmInfo.metadata === us.metadata) return;
  await core.apple.claim(access, us);
}

/** @param found null when Apple accepts the token and the location is ours. */
async function conclude(core: Core, tokenId: string, config: ClientConfig, found: HealthFinding | null): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const expiresAt = await recordConfig(tx, tokenId, config);
    await changeHealth(tx, core, tokenId, found ?? confirmedHealth(expiresAt, core.clock.now()));
  });
}

async function askAgain(core: Core, tokenId: string, error: AppleError): Promise<void> {
  core.log.warn({ tokenId, error: error.message }, "A token could not be verified; Apple is asked again later");
  const token = await row<{ health_since: Date }>(core.dataSource, "SELECT health_since FROM token WHERE id = $1", [
    tokenId,
  ]);
  if (!token) return;
  const now = core.clock.now().getTime();
  const soFar = now - token.health_since.getTime();
  const pause = Math.min(Math.max(soFar, core.clock.scaled(MINUTE_MS)), core.clock.scaled(LONGEST_PAUSE_MS));
  const at = new Date(now + Math.max(pause, error.retryAfterMs ?? 0));
  await core.dataSource.transaction((tx) => addJob(tx, "verify-token", { tokenId }, at));
}
