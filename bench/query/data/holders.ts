import type { Sizes } from "./sizes.js";

/** Half as many people as devices; a tenth of the devices has nobody. */
export function holdersSql({ devices, tokens }: Sizes): readonly string[] {
  const users = devices / 2;
  return [
    `INSERT INTO "user" (id, principal_name, display_name, email, managed_apple_id, added_at)
     SELECT md5('user' || n)::uuid, 'person' || n || '@example.com', initcap(substr(md5('first' || n), 1, 6)) || ' Person ' || n,
            'person' || n || '@example.com', 'person' || n || '@appleid.example.com', '2025-01-01'::timestamptz + n * interval '1 minute'
     FROM generate_series(0, ${users - 1}) AS n`,
    `INSERT INTO device (id, serial, name, platform, user_id, state, last_seen_at, added_at)
     SELECT md5('device' || n)::uuid, 'C02' || upper(substr(md5('serial' || n), 1, 9)), 'Device ' || n,
            (ARRAY['iOS', 'iPadOS', 'macOS'])[1 + n % 3], CASE WHEN n % 10 > 0 THEN md5('user' || n % ${users})::uuid END,
            'ENROLLED', '2026-01-01'::timestamptz + n * interval '7 seconds', '2025-01-01'::timestamptz + n * interval '1 minute'
     FROM generate_series(0, ${devices - 1}) AS n`,
    `INSERT INTO apple_user (token_id, client_user_id, user_id, status, email, added_at)
     SELECT md5('token' || t)::uuid, md5('client' || n || '/' || t)::uuid::text, md5('user' || n)::uuid, 'ASSOCIATED',
            'person' || n || '@example.com', '2025-02-01'::timestamptz + n * interval '1 minute'
     FROM generate_series(0, ${users / 5 - 1}) AS n, generate_series(1, ${tokens}) AS t`,
    `INSERT INTO collection (id, name, kind, added_at)
     SELECT md5('collection' || n)::uuid, 'Department ' || n, 'DEVICE', '2025-01-01' FROM generate_series(0, 49) AS n`,
    `INSERT INTO collection_member (collection_id, device_id)
     SELECT md5('collection' || n % 50)::uuid, md5('device' || n)::uuid FROM generate_series(0, ${devices - 1}) AS n`,
  ];
}
