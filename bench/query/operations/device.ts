import type { Operation } from "./operation.js";
import { body, idOf, object, objectIfAny, time } from "./sql.js";

const GRAPHQL = `query Device($id: ID!) {
  device(id: $id) {
    id serial name platform state lastSeenAt
    user { id displayName }
    licenses(first: 50) { nodes { id state startedAt storeApp { id name developer iconUrl } } }
    installations(first: 50) { nodes { id state reason stateAt storeApp { id name developer iconUrl } } }
  }
}`;

const APP_SQL = object({
  id: idOf.storeApp("app"),
  name: "app.name",
  developer: "app.developer",
  iconUrl: "app.icon_url",
});
const LICENSE_SQL = object({
  id: idOf.license("license"),
  state: "license.state",
  startedAt: time("license.started_at"),
  storeApp: APP_SQL,
});
const INSTALLATION_SQL = object({
  id: idOf.installation("installation"),
  state: "installation.state",
  reason: "installation.reason",
  stateAt: time("installation.state_at"),
  storeApp: APP_SQL,
});

/** The first 50 of a table's rows of the device. */
function ofDevice(table: string, row: string): string {
  return object({
    nodes: `(SELECT coalesce(json_agg(${row} ORDER BY ${table}.token_id, ${table}.id), '[]')
             FROM (SELECT * FROM ${table} WHERE device_id = $1::uuid ORDER BY token_id, id LIMIT 50) AS ${table}
             JOIN store_app AS app ON app.token_id = ${table}.token_id AND app.id = ${table}.store_app_id)`,
  });
}

/** One device, what it holds and what is installed on it. */
export const device: Operation = {
  name: "device",
  over: "Device",
  ours: GRAPHQL,
  postgraphile: GRAPHQL,
  bare: `
    SELECT ${body(
      "device",
      object({
        id: idOf.device("device.id"),
        serial: "device.serial",
        name: "device.name",
        platform: "device.platform",
        state: "device.state",
        lastSeenAt: time("device.last_seen_at"),
        user: objectIfAny("person", { id: idOf.user("person.id"), displayName: "person.display_name" }),
        licenses: ofDevice("license", LICENSE_SQL),
        installations: ofDevice("installation", INSTALLATION_SQL),
      }),
    )}
    FROM device LEFT JOIN "user" AS person ON person.id = device.user_id
    WHERE device.id = $1::uuid`,
};
