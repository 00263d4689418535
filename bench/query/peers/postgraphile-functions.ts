import { FREE_SQL, UNLIMITED } from "../../../src/entities/store-app.js";

/** What PostGraphile's users add for fields that are no columns: functions of a row, which it takes into its statements. */
export const POSTGRAPHILE_FUNCTIONS_SQL = `
  CREATE SCHEMA peer;
  CREATE TYPE peer.installation_count AS (state text, count integer, "left" integer);
  CREATE TYPE peer.license_totals AS (apps integer, bought float8, assigned float8, held float8, free float8, waiting integer,
                                      retired float8, as_of timestamptz);

  CREATE FUNCTION peer.store_app_free_count(app store_app) RETURNS integer STABLE LANGUAGE sql
    RETURN CASE WHEN app.total_count <> ${UNLIMITED} THEN ${FREE_SQL} END;

  CREATE FUNCTION peer.store_app_waiting(app store_app) RETURNS integer STABLE LANGUAGE sql
    RETURN (SELECT count(*) FROM installation WHERE token_id = app.token_id AND store_app_id = app.id
            AND state = 'WAITING_FOR_LICENSE');

  CREATE FUNCTION peer.deployment_installation_counts(deployment deployment) RETURNS SETOF peer.installation_count
    STABLE LANGUAGE sql AS $$
    SELECT state, count(*)::int, (count(*) FILTER (WHERE left_at IS NOT NULL))::int FROM installation
    WHERE token_id = deployment.token_id AND deployment_id = deployment.id GROUP BY state ORDER BY state $$;

  CREATE FUNCTION peer.license_totals() RETURNS peer.license_totals STABLE LANGUAGE sql AS $$
    SELECT count(*)::int, coalesce(sum(total_count), 0)::float8, coalesce(sum(assigned_count), 0)::float8,
           coalesce(sum(held_count), 0)::float8, coalesce(sum(${FREE_SQL}), 0)::float8,
           coalesce((SELECT count(*)::int FROM installation JOIN store_app AS waited
                     ON waited.token_id = installation.token_id AND waited.id = installation.store_app_id
                     WHERE installation.state = 'WAITING_FOR_LICENSE' AND waited.unlisted_at IS NULL
                       AND waited.product_type = 'APP' AND waited.total_count <> ${UNLIMITED}), 0),
           coalesce(sum(retired_count), 0)::float8, min(greatest(counts_at, token.last_sync_at))
    FROM store_app AS app JOIN token ON token.id = app.token_id
    WHERE unlisted_at IS NULL AND product_type = 'APP' AND total_count <> ${UNLIMITED} $$`;
