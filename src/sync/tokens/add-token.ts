import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { TokenAuthority, TokenHealthState, TokenPlatform } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { refusedToken } from "./refused-token.js";
import { requestSync } from "./request-sync.js";
import { tokenSecretPlace } from "./token-access.js";
import { parseTokenFile, type TokenFile } from "./token-file.js";
import { requireTokenName } from "./token-name.js";

/** Apple is asked for so long, in milliseconds of real time, while somebody waits. */
const ASKING_MS = 20_000;

export interface NewToken {
  /** The text of the token file. */
  readonly file: string;
  readonly name: string;
  readonly description: string | null;
  readonly categories: readonly string[];
}

/** A token that has passed every check; its file is a secret. */
export interface PreparedToken extends Omit<NewToken, "file"> {
  readonly file: TokenFile;
  readonly config: ClientConfig;
}

/**
 * Checks a token file here and with Apple; nothing is written.
 * @throws AppError INVALID_INPUT, TOKEN_EXPIRED, CONFLICT (added already, or its location is), TOKEN_LIMIT_REACHED,
 * TOKEN_INVALID, TOKEN_REVOKED, TOKEN_READ_ONLY, PRECONDITION_FAILED (education), APPLE_UNAVAILABLE, APPLE_REJECTED.
 */
export async function prepareToken(core: Core, input: NewToken): Promise<PreparedToken> {
  const name = requireTokenName(input.name);
  const file = parseTokenFile(input.file);
  if (file.expiresAt <= core.clock.now()) {
    throw new AppError(
      "TOKEN_EXPIRED",
      `The token expired on ${day(file.expiresAt)}. Download a new content token at Apple and upload that file.`,
      { expiredAt: file.expiresAt.toISOString() },
    );
  }
  await requireNewFile(core.dataSource, file);
  await requireRoom(core.dataSource, core);
  const config = await askApple(core, file);
  requirePlatform(core, config);
  await requireNewLocation(core.dataSource, config);
  return { name, description: input.description, categories: input.categories, file, config };
}

/**
 * Writes the token UNVERIFIED, with the jobs that verify it and bring its data.
 * @throws AppError CONFLICT or TOKEN_LIMIT_REACHED when another was added meanwhile.
 */
export async function addToken(
  tx: EntityManager,
  core: Core,
  prepared: PreparedToken,
): Promise<{ tokenId: string; syncRunId: string }> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('add-token', 0))");
  await requireNewFile(tx, prepared.file);
  await requireNewLocation(tx, prepared.config);
  await requireRoom(tx, core);
  const tokenId = core.clock.uuid();
  await insertToken(tx, core, tokenId, prepared);
  await addJob(tx, "verify-token", { tokenId });
  const syncRunId = await requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.ADDED });
  return { tokenId, syncRunId };
}

async function insertToken(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  { file, config, ...words }: PreparedToken,
): Promise<void> {
  await tx.query(
    `INSERT INTO token (id, authority, name, description, categories, organization, location_id, location_name, country,
                        platform, website_url, secret, fingerprint, expires_at, added_at, updated_at,
                        health_state, health_since)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $15)`,
    [
      tokenId,
      TokenAuthority.SERVICE,
      words.name,
      words.description,
      words.categories,
      file.organization || null,
      config.uId,
      config.locationName,
      config.countryISO2ACode,
      config.platform,
      config.websiteURL,
      core.secrets.seal(file.text, tokenSecretPlace(tokenId)),
      file.fingerprint,
      config.tokenExpirationDate ?? file.expiresAt,
      core.clock.now(),
      TokenHealthState.UNVERIFIED,
    ],
  );
}

async function askApple(core: Core, file: TokenFile): Promise<ClientConfig> {
  try {
    const access = { tokenId: file.fingerprint, text: file.text };
    return await core.apple.clientConfig(access, AbortSignal.timeout(ASKING_MS));
  } catch (error) {
    throw error instanceof AppleError ? refusedToken(core, error) : error;
  }
}

async function requireNewFile(db: Reader, file: TokenFile): Promise<void> {
  const known = await row<{ name: string }>(db, "SELECT name FROM token WHERE fingerprint = $1", [file.fingerprint]);
  if (!known) return;
  throw new AppError(
    "CONFLICT",
    `This token file was added already, as "${known.name}". Synchronize that token instead of adding it again.`,
    { token: known.name },
  );
}

async function requireNewLocation(db: Reader, config: ClientConfig): Promise<void> {
  const known = await row<{ name: string }>(db, "SELECT name FROM token WHERE location_id = $1", [config.uId]);
  if (!known) return;
  throw new AppError(
    "CONFLICT",
    `The token "${known.name}" belongs to the same Apple location. Use that one: a location has one token here.`,
    { token: known.name },
  );
}

async function requireRoom(db: Reader, core: Core): Promise<void> {
  const counted = await row<{ tokens: number }>(
    db,
    `SELECT count(*)::int AS tokens FROM token WHERE authority = '${TokenAuthority.SERVICE}'`,
  );
  const limit = core.policy.tokenLimit;
  if ((counted?.tokens ?? 0) < limit) return;
  throw new AppError(
    "TOKEN_LIMIT_REACHED",
    `This installation may have ${limit} token${limit === 1 ? "" : "s"} and has them. Raise TOKEN_LIMIT to add more.`,
    { limit },
  );
}

function requirePlatform(core: Core, config: ClientConfig): void {
  if (config.platform === TokenPlatform.BUSINESS || core.policy.allowEducation) return;
  throw new AppError(
    "PRECONDITION_FAILED",
    "This is a token of Apple School Manager. Use one of Apple Business Manager, or set ALLOW_EDUCATION=true.",
    { platform: config.platform },
  );
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
