import type { Sizes } from "./sizes.js";

/** App k of n has licences in proportion to 1 / (k + this): a few apps are on every device, most on some. */
const FLATTENS = 20;

/**
 * Tokens, targets and apps. `app_share` says which of the numbered licences are an app's; it is gone at the end.
 * Apple's counts come when the licences are there. The tokens are suspended, so that a worker leaves all of it alone.
 */
export function purchasesSql({ licenses, apps, tokens }: Sizes): readonly string[] {
  return [
    `INSERT INTO token (id, authority, name, categories, organization, location_id, location_name, country, platform, secret,
                        expires_at, last_full_sync_at, last_sync_at, added_at, updated_at, health_state, health_since)
     SELECT md5('token' || n)::uuid, 'SERVICE', 'Location ' || n, ARRAY['region-' || n % 3], 'Example Organisation',
            'location-' || n, 'Office ' || n, 'DE', 'BUSINESS', 'sealed', '2030-01-01'::timestamptz + n * interval '9 days',
            '2026-01-05 05:00Z', '2026-01-07 05:00Z', '2025-01-01', '2026-01-01', 'SUSPENDED', '2025-01-01'
     FROM generate_series(1, ${tokens}) AS n`,
    `INSERT INTO target (id, plugin, name, license_authority, settings, apns_state, added_at)
     SELECT md5('target' || n)::uuid, 'mock', 'MDM ' || n, 'SERVICE', '{}', 'VALID', '2025-01-01'
     FROM generate_series(1, 2) AS n`,
    `CREATE TABLE app_share AS
     WITH weight AS (SELECT n, 1.0 / (n + ${FLATTENS}) AS weight FROM generate_series(1, ${apps}) AS n),
          share AS (SELECT n, sum(weight) OVER (ORDER BY n) / sum(weight) OVER () AS until FROM weight)
     SELECT n AS app, md5('token' || 1 + n % ${tokens})::uuid AS token_id,
            coalesce(lag(floor(until * ${licenses})) OVER (ORDER BY n), 0)::int AS after, floor(until * ${licenses})::int AS until
     FROM share`,
    `INSERT INTO store_app (token_id, adam_id, product_type, name, bundle_id, icon_url, developer, genres, platforms,
                            device_assignable, revocable, total_count, assigned_count, available_count, retired_count,
                            counts_at, metadata_at)
     SELECT token_id, (400000000 + app)::text, 'APP', initcap(substr(md5('name' || app), 1, 6 + app % 9)) || ' ' || app,
            'com.example.app' || app, 'https://apps.example.com/icon/' || app || '/512x512bb.png', 'Developer ' || app % 90,
            ARRAY['Business', 'Productivity'], ARRAY['iOS'], true, true, 0, 0, 0, app % 4, '2026-01-07 05:00Z', '2026-01-05'
     FROM app_share ORDER BY app`,
  ];
}

/** What Apple tells of apps whose licences are known: some stock is left, and none of every tenth app. */
export const COUNTS_SQL = `
  UPDATE store_app AS app
  SET held_count = held.count, assigned_count = held.count,
      total_count = held.count + app.retired_count + app.id % 10 * 25, available_count = app.id % 10 * 25
  FROM (SELECT token_id, store_app_id, count(*)::int AS count FROM license WHERE ended_at IS NULL GROUP BY 1, 2) AS held
  WHERE (app.token_id, app.id) = (held.token_id, held.store_app_id)`;
