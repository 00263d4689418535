import type { Operation } from "./operation.js";
import { body, cursor, idOf, object, objectIfAny, time } from "./sql.js";

/** @param counts how the peer names the counts by state. */
function graphql(counts: string): string {
  return `query Deployment($id: ID!) {
    deployment(id: $id) {
      id action licensing priority createdAt createdBy
      storeApp { id name }
      collection { id name }
      ${counts} { state count left }
      installations(first: 50) {
        nodes { id want state reason stateAt observedState device { id serial name platform } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;
}

const INSTALLATION_SQL = object({
  id: idOf.installation("installation"),
  want: "installation.want",
  state: "installation.state",
  reason: "installation.reason",
  stateAt: time("installation.state_at"),
  observedState: "installation.observed_state",
  device: objectIfAny("device", {
    id: idOf.device("device.id"),
    serial: "device.serial",
    name: "device.name",
    platform: "device.platform",
  }),
});

/** A deployment, how far its installations are, and the first of them. */
export const deployment: Operation = {
  name: "deployment",
  over: "Deployment",
  ours: graphql("installationCounts"),
  postgraphile: graphql("installationCounts: installationCountsList"),
  bare: `
    WITH item AS (SELECT * FROM installation WHERE token_id = $1::uuid AND deployment_id = $2::bigint ORDER BY id LIMIT 51),
         page AS (SELECT * FROM item ORDER BY id LIMIT 50),
         counted AS (SELECT state, count(*) AS count, count(*) FILTER (WHERE left_at IS NOT NULL) AS "left" FROM installation
                     WHERE token_id = $1::uuid AND deployment_id = $2::bigint GROUP BY state)
    SELECT ${body(
      "deployment",
      object({
        id: idOf.deployment("deployment"),
        action: "deployment.action",
        licensing: "deployment.licensing",
        priority: "deployment.priority",
        createdAt: time("deployment.created_at"),
        createdBy: "deployment.created_by",
        storeApp: object({ id: idOf.storeApp("app"), name: "app.name" }),
        collection: objectIfAny("collection", { id: idOf.collection("collection.id"), name: "collection.name" }),
        installationCounts: "(SELECT json_agg(row_to_json(counted) ORDER BY state) FROM counted)",
        installations: object({
          nodes: `(SELECT json_agg(${INSTALLATION_SQL} ORDER BY installation.id)
                   FROM page AS installation LEFT JOIN device ON device.id = installation.device_id)`,
          pageInfo: object({
            hasNextPage: "(SELECT count(*) > 50 FROM item)",
            endCursor: `(SELECT ${cursor("installationList id ASC", "max(id)::text")} FROM page)`,
          }),
        }),
      }),
    )}
    FROM deployment
    JOIN store_app AS app ON app.token_id = deployment.token_id AND app.id = deployment.store_app_id
    LEFT JOIN collection ON collection.id = deployment.collection_id
    WHERE deployment.token_id = $1::uuid AND deployment.id = $2::bigint`,
};
