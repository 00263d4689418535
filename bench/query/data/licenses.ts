import type { Sizes } from "./sizes.js";

/** Primes: each app's holders lie far apart, and none comes twice. */
const STEP = 7919;
const APART = 104_729;

/**
 * Every fifth licence is a person's, every tenth has ended. They lie in the table in no order that a page could profit from,
 * as when Apple has told of them in its own.
 */
export function licensesSql({ devices, licenses }: Sizes): readonly string[] {
  const appleUsers = devices / 10;
  return [
    `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state, started_at,
                          start_cause, start_actor, assigned_at, proven_at, ended_at, end_cause, end_actor)
     SELECT app.token_id, app.id, CASE WHEN device.id IS NULL THEN 'USER' ELSE 'DEVICE' END,
            coalesce(device.serial, apple_user.client_user_id), device.id, apple_user.id,
            CASE WHEN numbered.ended THEN 'ENDED' WHEN numbered.n % 90 = 7 THEN 'RETURNING' ELSE 'HELD' END, numbered.at,
            'SYNC', 'sync', numbered.at, '2026-01-07 05:00Z',
            CASE WHEN numbered.ended THEN numbered.at + interval '40 days' END,
            CASE WHEN numbered.ended THEN 'EXTERNAL' END, CASE WHEN numbered.ended THEN 'apple' END
     FROM (SELECT n, share.app, share.token_id, n % 10 = 3 AS ended, n % 5 = 0 AS of_person,
                  '2025-03-01'::timestamptz + n * interval '20 seconds' AS at,
                  ((n - share.after)::bigint * ${STEP} + share.app * ${APART}) % ${devices} AS device,
                  ((n - share.after) / 5 + share.app * ${APART}) % ${appleUsers} AS person
           FROM app_share AS share, generate_series(share.after, share.until - 1) AS n) AS numbered
     JOIN store_app AS app ON app.token_id = numbered.token_id AND app.adam_id = (400000000 + numbered.app)::text
     LEFT JOIN device ON NOT of_person AND device.id = md5('device' || numbered.device)::uuid
     LEFT JOIN apple_user ON of_person AND apple_user.token_id = numbered.token_id
       AND apple_user.user_id = md5('user' || numbered.person)::uuid
     ORDER BY hashint8(numbered.n::bigint) LIMIT ${licenses}`,
  ];
}
