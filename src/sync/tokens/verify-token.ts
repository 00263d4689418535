import type { EntityManager } from "typeorm";
import type { TokenHealthState } from "../../entities/token.js";
import { type Reader, row } from "../../queries/sql.js";
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

/** A token's health when Apple was asked, which tells whether somebody has found something else meanwhile. */
interface HealthAtStart {
  health_state: TokenHealthState;
  health_since: Date;
}

/**
 * Asks Apple about a token and claims its location unless somebody else has; the token may write from then on. While
 * Apple is away nothing changes, and it is asked again after as long as it has not answered yet, a minute to an hour.
 * Nothing is concluded over what was found while Apple was being asked: then it is asked again at once.
 */
export async function verifyToken(core: Core, { tokenId }: Jobs["verify-token"]): Promise<void> {
  const start = await readHealth(core.dataSource, tokenId);
  const access = await accessToken(core, tokenId);
  if (!start || !access) return;
  try {
    const us = await readIdentity(core);
    const config = await claim(core, access, await core.apple.clientConfig(access), us);
    const foreign = claimOf(config, us.id) === "foreign";
    await conclude(core, tokenId, start, async (tx) => {
      const expiresAt = await recordConfig(tx, tokenId, config);
      return foreign ? foreignHealth(config) : confirmedHealth(expiresAt, core.clock.now());
    });
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    const health = tokenErrorHealth(error);
    if (health) await conclude(core, tokenId, start, async () => health);
    else await askAgain(core, tokenId, error);
  }
}

function readHealth(from: Reader, tokenId: string, lock = ""): Promise<HealthAtStart | null> {
  return row<HealthAtStart>(from, `SELECT health_state, health_since FROM token WHERE id = $1 ${lock}`, [tokenId]);
}

async function readIdentity(core: Core): Promise<MdmInfo> {
  const identity = await row<{ mdm_id: string; epoch: string }>(
    core.dataSource,
    "SELECT mdm_id, epoch FROM service_identity",
  );
  if (!identity) throw new Error("The row of service_identity is missing");
  return { id: identity.mdm_id, name: SERVICE_NAME, metadata: JSON.stringify({ epoch: Number(identity.epoch) }) };
}

/**
 * Writes our name over the location unless it stands there already, or another's does.
 * @returns what Apple says after that: another MDM may have come first.
 * @throws AppleError `retryable` when Apple accepts the claim without showing it.
 */
async function claim(core: Core, access: AppleAccess, config: ClientConfig, us: MdmInfo): Promise<ClientConfig> {
  const { mdmInfo } = config;
  if (claimOf(config, us.id) === "foreign") return config;
  if (mdmInfo?.id === us.id && mdmInfo.name === us.name && mdmInfo.metadata === us.metadata) return config;
  const claimed = await core.apple.claim(access, us);
  if (claimOf(claimed, us.id) === "none") {
    throw new AppleError("Apple has accepted our claim, and does not show it.", { kind: "retryable" });
  }
  return claimed;
}

/** Writes the verdict unless the token's health is no longer what it was when Apple was asked. */
async function conclude(
  core: Core,
  tokenId: string,
  start: HealthAtStart,
  verdict: (tx: EntityManager) => Promise<HealthFinding>,
): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const now = await readHealth(tx, tokenId, "FOR NO KEY UPDATE");
    if (!now) return;
    if (now.health_state === start.health_state && now.health_since.getTime() === start.health_since.getTime()) {
      return changeHealth(tx, core, tokenId, await verdict(tx));
    }
    await addJob(tx, "verify-token", { tokenId });
  });
}

async function askAgain(core: Core, tokenId: string, error: AppleError): Promise<void> {
  core.log.warn({ tokenId, error: error.message }, "A token could not be verified; Apple is asked again later");
  const token = await readHealth(core.dataSource, tokenId);
  if (!token) return;
  const now = core.clock.now().getTime();
  const soFar = now - token.health_since.getTime();
  const pause = Math.min(Math.max(soFar, core.clock.scaled(MINUTE_MS)), core.clock.scaled(LONGEST_PAUSE_MS));
  const at = new Date(now + Math.max(pause, error.retryAfterMs ?? 0));
  await core.dataSource.transaction((tx) => addJob(tx, "verify-token", { tokenId }, at));
}
