import type { Core } from "../core.js";

/** How exactly the last use of a key is known, in milliseconds. */
export const USE_NOTED_MS = 60_000;

/** Notes that a key is in use now, unless another replica has within the last minute. */
export async function noteApiKeyUse({ dataSource, clock }: Core, prefix: string): Promise<void> {
  const now = clock.now();
  await dataSource.query(
    "UPDATE api_key SET last_used_at = $2 WHERE prefix = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
    [prefix, now, new Date(now.getTime() - USE_NOTED_MS)],
  );
}
