import { TokenPlatform } from "../../entities/token.js";
import { row, rows } from "../../queries/sql.js";
import type { AppMetadata } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { accessToken } from "./token-access.js";

/** The ids one lookup takes. */
const BATCH = 100;
const RETRY_MS = 10 * 60_000;

/** Names and icons older than this are looked up again. */
const METADATA_FRESH_MS = 7 * 86_400_000;

const PLATFORMS: Record<TokenPlatform, string> = {
  [TokenPlatform.BUSINESS]: "enterprisestore",
  [TokenPlatform.EDUCATION]: "volumestore",
};

/**
 * Looks up names and icons of the token's apps that have none or old ones, in the storefront of its country. An app the
 * store does not know stays as it is, visible by its id. While the store is away it is asked again later.
 */
export async function readMetadata(core: Core, { tokenId }: Jobs["read-metadata"]): Promise<void> {
  const access = await accessToken(core, tokenId);
  const token = await row<{ country: string | null; platform: TokenPlatform }>(
    core.dataSource,
    "SELECT country, platform FROM token WHERE id = $1",
    [tokenId],
  );
  if (!access || !token) return;
  const place = { country: token.country ?? "US", platform: PLATFORMS[token.platform] };
  try {
    const before = staleBefore(core);
    for (let due = await dueApps(core, tokenId, before); due.length > 0; due = await dueApps(core, tokenId, before)) {
      await record(core, tokenId, due, await core.apple.metadata(access, due, place));
    }
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    core.log.warn({ tokenId, error: error.message }, "Names of apps could not be looked up");
    if (error.kind !== "retryable") return;
    const at = core.clock.in(Math.max(RETRY_MS, error.retryAfterMs ?? 0));
    await core.dataSource.transaction((tx) => addJob(tx, "read-metadata", { tokenId }, at));
  }
}

/** Apple's ids of a batch, those never looked up first. */
async function dueApps(core: Core, tokenId: string, before: Date): Promise<string[]> {
  const due = await rows<{ adam_id: string }>(
    core.dataSource,
    `SELECT adam_id FROM store_app WHERE token_id = $1 AND (metadata_at IS NULL OR metadata_at < $2)
     GROUP BY adam_id ORDER BY min(metadata_at) NULLS FIRST, adam_id LIMIT ${BATCH}`,
    [tokenId, before],
  );
  return due.map((app) => app.adam_id);
}

/** What was looked up before this moment is old. */
export function staleBefore(core: Core): Date {
  return new Date(core.clock.now().getTime() - core.clock.scaled(METADATA_FRESH_MS));
}

async function record(
  core: Core,
  tokenId: string,
  asked: readonly string[],
  found: ReadonlyMap<string, AppMetadata>,
): Promise<void> {
  const known = asked.map((adamId) => ({ adamId, ...found.get(adamId) }));
  await core.dataSource.query(
    `UPDATE store_app
     SET name = COALESCE(fresh.name, store_app.name), bundle_id = COALESCE(fresh.bundle_id, store_app.bundle_id),
         icon_url = COALESCE(fresh.icon_url, store_app.icon_url), developer = COALESCE(fresh.developer, store_app.developer),
         genres = CASE WHEN fresh.name IS NULL THEN store_app.genres
                       ELSE ARRAY(SELECT jsonb_array_elements_text(fresh.genres)) END,
         metadata_at = $2
     FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
          AS fresh(adam_id, name, bundle_id, icon_url, developer, genres)
     WHERE store_app.token_id = $1 AND store_app.adam_id = fresh.adam_id`,
    [
      tokenId,
      core.clock.now(),
      known.map((app) => app.adamId),
      known.map((app) => app.name ?? null),
      known.map((app) => app.bundleId ?? null),
      known.map((app) => app.iconUrl ?? null),
      known.map((app) => app.developer ?? null),
      known.map((app) => JSON.stringify(app.genres ?? [])),
    ],
  );
}
