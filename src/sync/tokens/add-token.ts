import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { TokenAuthority, TokenHealthState, TokenPlatform } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { lockLocations } from "../targets/lock-locations.js";
import { askAboutFile } from "./ask-about-file.js";
import { bindAccount, requireBoundAccount } from "./bound-account.js";
import { requestSync } from "./request-sync.js";
import { requireNewLocation } from "./require-new-location.js";
import { tokenSecretPlace } from "./token-access.js";
import { parseTokenFile, type TokenFile } from "./token-file.js";
import { requireTokenWords, type TokenWords } from "./token-words.js";

export interface NewToken extends TokenWords {
  /** The text of the token file. */
  readonly file: string;
  /** Whose it is to be; of nobody but those who see everything, if left out. */
  readonly teams?: readonly string[];
  /** Whether an installation of one token may leave the location it is bound to. */
  readonly replaceAccount: boolean;
}

/** A token that has passed every check; its file is a secret. */
export interface PreparedToken extends Omit<NewToken, "file"> {
  readonly file: TokenFile;
  readonly config: ClientConfig;
}

/**
 * Checks a token file here and with Apple; nothing is written.
 * @throws AppError INVALID_INPUT, TOKEN_EXPIRED, CONFLICT (added already, its location is here, or another one is bound),
 * TOKEN_LIMIT_REACHED, TOKEN_INVALID, TOKEN_REVOKED, TOKEN_READ_ONLY, PRECONDITION_FAILED (education),
 * APPLE_UNAVAILABLE, APPLE_REJECTED.
 */
export async function prepareToken(core: Core, input: NewToken): Promise<PreparedToken> {
  const words = requireTokenWords(input);
  const file = parseTokenFile(input.file, core.clock.now());
  await requireNewFile(core.dataSource, file);
  const prepared = { ...words, file, config: await askAboutFile(core, file) };
  requirePlatform(core, prepared.config);
  await requirePlace(core.dataSource, core, prepared);
  return prepared;
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
  await lockLocations(tx);
  await requireNewFile(tx, prepared.file);
  await requirePlace(tx, core, prepared);
  await bindAccount(tx, core, prepared.config);
  const tokenId = core.clock.uuid();
  await insertToken(tx, core, tokenId, prepared);
  await addJob(tx, "verify-token", { tokenId });
  await addJob(tx, "warn-of-expiry", {});
  const syncRunId = await requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.ADDED });
  return { tokenId, syncRunId };
}

/** Whether there is room for one more token, of this location. */
async function requirePlace(db: Reader, core: Core, { config, replaceAccount }: PreparedToken): Promise<void> {
  await requireNewLocation(db, config);
  await requireRoom(db, core);
  await requireBoundAccount(db, core, config, replaceAccount);
}

async function insertToken(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  { file, config, ...words }: PreparedToken,
): Promise<void> {
  await tx.query(
    `INSERT INTO token (id, authority, name, description, categories, contacts, organization, location_id,
                        location_name, country, platform, website_url, secret, fingerprint, expires_at, added_at,
                        updated_at, health_state, health_since, health_cause, teams)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17, $16, $18, $19)`,
    [
      tokenId,
      TokenAuthority.SERVICE,
      words.name,
      words.description,
      words.categories,
      JSON.stringify(words.contacts),
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
      "Just added; Apple is being asked.",
      words.teams ?? [],
    ],
  );
}

async function requireNewFile(db: Reader, file: TokenFile): Promise<void> {
  const known = await row<{ id: string; name: string }>(db, "SELECT id, name FROM token WHERE fingerprint = $1", [
    file.fingerprint,
  ]);
  if (!known) return;
  throw new AppError(
    "CONFLICT",
    `This token file was added already, as "${known.name}". Synchronise that token instead of adding it again.`,
    { token: known.name, tokenId: encodeGlobalId("Token", known.id) },
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
    `This installation may have ${limit === 1 ? "one token, and has it" : `${limit} tokens, and has them`}. Raise TOKEN_LIMIT to add more, or remove one first.`,
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
