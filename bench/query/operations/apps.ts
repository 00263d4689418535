import { FREE_SQL } from "../../../src/entities/store-app.js";
import type { Operation } from "./operation.js";
import { body, cursor, idOf, object, time, WAITING_SQL } from "./sql.js";

const FIELDS = `
  id adamId name iconUrl totalCount assignedCount availableCount retiredCount heldCount freeCount waiting countsAt`;

const APP_SQL = object({
  id: idOf.storeApp("app"),
  adamId: "app.adam_id",
  name: "app.name",
  iconUrl: "app.icon_url",
  totalCount: "app.total_count",
  assignedCount: "app.assigned_count",
  availableCount: "app.available_count",
  retiredCount: "app.retired_count",
  heldCount: "app.held_count",
  freeCount: FREE_SQL,
  waiting: WAITING_SQL,
  countsAt: time("app.counts_at"),
});

/** Apps with their counts, by name. */
export const apps: Operation = {
  name: "apps",
  over: "places",
  ours: `query Apps($first: Int!, $after: String) {
    storeApps(first: $first, after: $after, orderBy: { field: NAME }) {
      nodes { ${FIELDS} }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  postgraphile: `query Apps($first: Int!, $after: Cursor) {
    storeApps: allStoreApps(first: $first, after: $after, orderBy: [NAME_ASC], condition: { productType: "APP" }) {
      nodes { ${FIELDS} }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  bare: `
    WITH item AS (
      SELECT * FROM store_app WHERE product_type = 'APP' AND (name, token_id, id) > ($2::text, $3::uuid, $4::bigint)
      ORDER BY name, token_id, id LIMIT $1::int + 1
    ), page AS (SELECT * FROM item ORDER BY name, token_id, id LIMIT $1::int)
    SELECT ${body(
      "storeApps",
      object({
        nodes: `(SELECT json_agg(${APP_SQL} ORDER BY app.name, app.token_id, app.id) FROM page AS app)`,
        pageInfo: object({
          hasNextPage: "(SELECT count(*) > $1::int FROM item)",
          endCursor: `(SELECT ${cursor("storeAppList name token_id id ASC", "name", "token_id", "id::text")} FROM page
                       ORDER BY name DESC, token_id DESC, id DESC LIMIT 1)`,
        }),
      }),
    )}`,
};
