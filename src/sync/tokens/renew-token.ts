import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { TokenAuthority, TokenHealthState } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { askAboutFile } from "./ask-about-file.js";
import { nameOf } from "./bound-account.js";
import { changeHealth } from "./change-health.js";
import { holdOpenRun } from "./hold-open-run.js";
import { recordConfig } from "./record-config.js";
import { requestSync } from "./request-sync.js";
import { noSuchToken, requireToken } from "./require-token.js";
import { tokenSecretPlace } from "./token-access.js";
import { parseTokenFile, type TokenFile } from "./token-file.js";

/** A newer file of a token that has passed every check; it is a secret. */
export interface PreparedRenewal {
  readonly tokenId: string;
  readonly file: TokenFile;
  readonly config: ClientConfig;
}

interface RenewableToken {
  name: string;
  authority: TokenAuthority;
  fingerprint: string | null;
  location_id: string | null;
  location_name: string | null;
  expires_at: Date | null;
}

/**
 * Checks a newer file of a token here and with Apple; nothing is written.
 * @throws AppError NOT_FOUND, INVALID_INPUT, CONFLICT (an MDM owns the token; the file is the same, older, or of another
 * location), TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_REVOKED, TOKEN_READ_ONLY, APPLE_UNAVAILABLE, APPLE_REJECTED.
 */
export async function prepareRenewal(core: Core, input: { tokenId: string; file: string }): Promise<PreparedRenewal> {
  const { tokenId } = input;
  const token = await readRenewable(core.dataSource, tokenId);
  const file = parseTokenFile(input.file, core.clock.now());
  requireOtherFile(token, file);
  const config = await askAboutFile(core, file);
  requireRenewal(token, file, config);
  return { tokenId, file, config };
}

/**
 * Puts the newer file in the place of the old one: apps, licences, deployments and what is planned stay. Nothing is written
 * at Apple until it has confirmed the token; one that an admin has paused stays paused.
 * @throws AppError NOT_FOUND, or CONFLICT when it was renewed with a newer file meanwhile.
 */
export async function renewToken(
  tx: EntityManager,
  core: Core,
  { tokenId, file, config }: PreparedRenewal,
): Promise<{ tokenId: string; syncRunId: string }> {
  await holdOpenRun(tx, tokenId);
  const { health_state } = await requireToken(tx, tokenId);
  const token = await readRenewable(tx, tokenId);
  requireOtherFile(token, file);
  requireRenewal(token, file, config);
  await tx.query(
    `UPDATE token SET secret = $2, fingerprint = $3, organization = COALESCE($4, organization), expires_at = $5,
                      expiry_warned_days = NULL, updated_at = $6
     WHERE id = $1`,
    [
      tokenId,
      core.secrets.seal(file.text, tokenSecretPlace(tokenId)),
      file.fingerprint,
      file.organization || null,
      file.expiresAt,
      core.clock.now(),
    ],
  );
  await recordConfig(tx, tokenId, config);
  await addJob(tx, "warn-of-expiry", {});
  if (health_state !== TokenHealthState.SUSPENDED) await verifyAnew(tx, core, tokenId);
  // The old file may have been refused for a while, and much have changed at Apple since.
  const syncRunId = await requestSync(tx, core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.RECOVERY });
  return { tokenId, syncRunId };
}

async function verifyAnew(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  await changeHealth(tx, core, tokenId, {
    state: TokenHealthState.UNVERIFIED,
    cause: "Renewed; Apple is being asked.",
    evidence: null,
    remedy: null,
  });
  await addJob(tx, "verify-token", { tokenId });
}

async function readRenewable(db: Reader, tokenId: string): Promise<RenewableToken> {
  const token = await row<RenewableToken>(
    db,
    "SELECT name, authority, fingerprint, location_id, location_name, expires_at FROM token WHERE id = $1",
    [tokenId],
  );
  if (!token) throw noSuchToken(tokenId);
  if (token.authority === TokenAuthority.SERVICE) return token;
  throw new AppError("CONFLICT", `An MDM owns the token "${token.name}": renew it there.`, { token: token.name });
}

function requireOtherFile(token: RenewableToken, file: TokenFile): void {
  if (file.fingerprint !== token.fingerprint) return;
  throw new AppError(
    "CONFLICT",
    `This is the file that "${token.name}" has already. Download a new content token at Apple and upload that file.`,
    { token: token.name },
  );
}

function requireRenewal(token: RenewableToken, file: TokenFile, config: ClientConfig): void {
  requireSameLocation(token, config);
  const expiresAt = config.tokenExpirationDate ?? file.expiresAt;
  // Two files of one day may end at the same moment: Apple then takes only the newer one, and has taken this one.
  if (token.expires_at === null || expiresAt >= token.expires_at) return;
  throw new AppError(
    "CONFLICT",
    `This file is older than the one that "${token.name}" has: it expires on ${day(expiresAt)}, the other on ` +
      `${day(token.expires_at)}. Upload the file that was downloaded last.`,
    { token: token.name, expiresAt: expiresAt.toISOString(), presentExpiresAt: token.expires_at.toISOString() },
  );
}

function requireSameLocation(token: RenewableToken, config: ClientConfig): void {
  if (token.location_id === null || token.location_id === config.uId) return;
  const [own, other] = [nameOf(token.location_name, token.location_id), nameOf(config.locationName, config.uId)];
  throw new AppError(
    "CONFLICT",
    `This file opens the Apple location ${other}, and the token "${token.name}" is of ${own}. Upload a file of that location, or add this one as a token of its own.`,
    {
      token: token.name,
      locationId: token.location_id,
      location: token.location_name,
      fileLocationId: config.uId,
      fileLocation: config.locationName,
    },
  );
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
