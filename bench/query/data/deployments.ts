import type { Sizes } from "./sizes.js";

/**
 * A deployment for each of the first apps, with an installation for every third of the app's licences of devices: most have
 * ended well, and those whose licence has ended wait for another, failed, or are removed. Nothing is due.
 */
export function deploymentsSql({ deployments }: Sizes): readonly string[] {
  const apps = `(SELECT app.*, row_number() OVER (ORDER BY app.adam_id) AS n FROM store_app AS app
                 ORDER BY app.adam_id LIMIT ${deployments})`;
  const target = "md5('target' || 1 + app.n % 2)::uuid";
  return [
    `INSERT INTO application (token_id, store_app_id, target_id, ready_at, created_at)
     SELECT app.token_id, app.id, ${target}, '2025-06-01', '2025-06-01' FROM ${apps} AS app`,
    `INSERT INTO deployment (token_id, store_app_id, application_id, collection_id, target_id, action, purpose, licensing,
                             created_by, created_at, action_by, action_at)
     SELECT app.token_id, app.id, application.id, md5('collection' || app.n % 50)::uuid, ${target}, 'INSTALL', 'REQUIRED',
            'DEVICE', 'key:bench', '2025-06-01', 'key:bench', '2025-06-01'
     FROM ${apps} AS app JOIN application ON application.token_id = app.token_id AND application.store_app_id = app.id`,
    `INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, user_id, license_id, want, state,
                               reason, handle, next_look_at, state_at, observed_state, observed_at, created_at, queued_at)
     SELECT wanted.token_id, wanted.deployment_id, wanted.store_app_id, wanted.target_id, device.id, device.user_id,
            wanted.license_id, CASE WHEN wanted.state LIKE 'REMOV%' THEN 'ABSENT' ELSE 'PRESENT' END, wanted.state,
            CASE wanted.state WHEN 'WAITING_FOR_LICENSE' THEN 'OUT_OF_STOCK' WHEN 'NOT_APPLICABLE' THEN 'PLATFORM_UNSUPPORTED' END,
            CASE WHEN wanted.state = 'INSTALLING' THEN wanted.id::text END,
            CASE WHEN wanted.state = 'INSTALLING' THEN '2100-01-01'::timestamptz END, wanted.at,
            CASE WHEN wanted.state = 'INSTALLED' THEN 'installed' END,
            CASE WHEN wanted.state = 'INSTALLED' THEN wanted.at END, '2025-06-01', '2025-06-01'
     FROM (SELECT deployment.token_id, deployment.id AS deployment_id, deployment.store_app_id, deployment.target_id,
                  license.id, license.device_id, CASE WHEN license.ended_at IS NULL THEN license.id END AS license_id,
                  '2025-06-02'::timestamptz + license.id * interval '4 seconds' AS at,
                  CASE WHEN license.ended_at IS NOT NULL THEN
                         (ARRAY['WAITING_FOR_LICENSE', 'FAILED', 'NOT_APPLICABLE', 'REMOVED'])[1 + license.id % 4]
                       WHEN license.id % 20 = 1 THEN 'INSTALLING' WHEN license.id % 20 = 2 THEN 'REMOVAL_FAILED'
                       ELSE 'INSTALLED' END AS state
           FROM deployment JOIN license USING (token_id, store_app_id)
           WHERE license.device_id IS NOT NULL AND license.id % 3 = 0) AS wanted
     JOIN device ON device.id = wanted.device_id
     ORDER BY wanted.id`,
  ];
}
