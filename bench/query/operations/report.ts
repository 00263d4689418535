import { FREE_SQL, UNLIMITED } from "../../../src/entities/store-app.js";
import type { Operation } from "./operation.js";
import { body, cursor, idOf, object, time, WAITING_SQL } from "./sql.js";

interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

interface Reported {
  readonly totals: { readonly asOf: string; readonly [field: string]: unknown };
  readonly apps: { readonly nodes: readonly Row[]; readonly pageInfo: object };
}

const TOTALS = "apps bought assigned held free waiting retired";

const LISTED_SQL = `app.unlisted_at IS NULL AND app.product_type = 'APP' AND app.total_count <> ${UNLIMITED}`;
const TOTALS_SQL = object(
  {
    apps: "count(*)",
    bought: "coalesce(sum(app.total_count), 0)",
    assigned: "coalesce(sum(app.assigned_count), 0)",
    held: "coalesce(sum(app.held_count), 0)",
    free: `coalesce(sum(${FREE_SQL}), 0)`,
    waiting: `(SELECT count(*) FROM installation
               JOIN store_app AS app ON app.token_id = installation.token_id AND app.id = installation.store_app_id
               WHERE installation.state = 'WAITING_FOR_LICENSE' AND ${LISTED_SQL})`,
    retired: "coalesce(sum(app.retired_count), 0)",
  },
  `FROM store_app AS app WHERE ${LISTED_SQL}`,
);
const ROW_SQL = object({
  storeApp: object({ id: idOf.storeApp("app") }),
  adamId: "app.adam_id",
  name: "app.name",
  bought: "app.total_count",
  assigned: "app.assigned_count",
  held: "app.held_count",
  free: FREE_SQL,
  waiting: WAITING_SQL,
  retired: "app.retired_count",
  countsAt: time("app.counts_at"),
  token: object({ id: idOf.token("token.id"), name: "token.name" }),
});

/** The licence report: what there is in all, and a page of apps. */
export const report: Operation = {
  name: "report",
  over: "places",
  ours: `query Report($first: Int!, $after: String) {
    licenseReport {
      asOf
      totals { ${TOTALS} }
      apps(first: $first, after: $after, orderBy: { field: NAME }) {
        nodes {
          storeApp { id } adamId name bought assigned held free waiting retired countsAt token { id name }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`,
  postgraphile: `query Report($first: Int!, $after: Cursor) {
    totals: peerLicenseTotals { asOf ${TOTALS} }
    apps: allStoreApps(first: $first, after: $after, orderBy: [NAME_ASC], condition: { productType: "APP" }) {
      nodes {
        id adamId name bought: totalCount assigned: assignedCount held: heldCount free: freeCount waiting
        retired: retiredCount countsAt token { id name }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  reshape: ({ totals: { asOf, ...totals }, apps: { nodes, pageInfo } }: Reported) => ({
    licenseReport: {
      asOf,
      totals,
      apps: { nodes: nodes.map(({ id, ...row }) => ({ ...row, storeApp: { id } })), pageInfo },
    },
  }),
  bare: `
    WITH item AS (
      SELECT * FROM store_app
      WHERE product_type = 'APP' AND unlisted_at IS NULL AND (name, token_id, id) > ($2::text, $3::uuid, $4::bigint)
      ORDER BY name, token_id, id LIMIT $1::int + 1
    ), page AS (SELECT * FROM item ORDER BY name, token_id, id LIMIT $1::int)
    SELECT ${body(
      "licenseReport",
      object({
        asOf: `(SELECT ${time("min(greatest(app.counts_at, token.last_sync_at))")}
                FROM store_app AS app JOIN token ON token.id = app.token_id WHERE ${LISTED_SQL})`,
        totals: TOTALS_SQL,
        apps: object({
          nodes: `(SELECT json_agg(${ROW_SQL} ORDER BY app.name, app.token_id, app.id)
                   FROM page AS app JOIN token ON token.id = app.token_id)`,
          pageInfo: object({
            hasNextPage: "(SELECT count(*) > $1::int FROM item)",
            endCursor: `(SELECT ${cursor("storeAppList name token_id id ASC", "name", "token_id", "id::text")} FROM page
                         ORDER BY name DESC, token_id DESC, id DESC LIMIT 1)`,
          }),
        }),
      }),
    )}`,
};
