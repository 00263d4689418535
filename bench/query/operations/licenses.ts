import type { Operation } from "./operation.js";
import { body, cursor, idOf, object, objectIfAny, time } from "./sql.js";

const FIELDS = `
  id state holderKind holderKey startedAt device { id serial name } appleUser { id email user { id displayName } }`;
const NESTED = "storeApp { id adamId name token { id name } }";

const FIELDS_SQL = {
  id: idOf.license("license"),
  state: "license.state",
  holderKind: "license.holder_kind",
  holderKey: "license.holder_key",
  startedAt: time("license.started_at"),
  device: objectIfAny("device", { id: idOf.device("device.id"), serial: "device.serial", name: "device.name" }),
  appleUser: objectIfAny("apple_user", {
    id: idOf.appleUser("apple_user"),
    email: "apple_user.email",
    user: objectIfAny("person", { id: idOf.user("person.id"), displayName: "person.display_name" }),
  }),
};
const NESTED_SQL = {
  storeApp: object({
    id: idOf.storeApp("app"),
    adamId: "app.adam_id",
    name: "app.name",
    token: object({ id: idOf.token("token.id"), name: "token.name" }),
  }),
};

/** The same text is a question to us and to PostGraphile. */
function graphql(name: string, fields: string): string {
  return `query ${name}($id: ID!) {
    storeApp(id: $id) {
      id
      name
      licenses(first: 100) {
        nodes { ${fields} }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;
}

function sql(fields: Readonly<Record<string, string>>): string {
  return `
    WITH item AS (SELECT * FROM license WHERE token_id = $1::uuid AND store_app_id = $2::bigint ORDER BY id LIMIT 101),
         page AS (SELECT * FROM item ORDER BY id LIMIT 100)
    SELECT ${body(
      "storeApp",
      object({
        id: idOf.storeApp("app"),
        name: "app.name",
        licenses: object({
          nodes: `(SELECT json_agg(${object(fields)} ORDER BY license.id)
                   FROM page AS license
                   LEFT JOIN device ON device.id = license.device_id
                   LEFT JOIN apple_user ON apple_user.token_id = license.token_id AND apple_user.id = license.apple_user_id
                   LEFT JOIN "user" AS person ON person.id = apple_user.user_id)`,
          pageInfo: object({
            hasNextPage: "(SELECT count(*) > 100 FROM item)",
            endCursor: `(SELECT ${cursor("licenseList id ASC", "max(id)::text")} FROM page)`,
          }),
        }),
      }),
    )}
    FROM store_app AS app JOIN token ON token.id = app.token_id
    WHERE app.token_id = $1::uuid AND app.id = $2::bigint`;
}

/** An app's licences and who holds them. */
export const licenses: Operation = {
  name: "licenses",
  over: "StoreApp",
  ours: graphql("Licenses", FIELDS),
  postgraphile: graphql("Licenses", FIELDS),
  bare: sql(FIELDS_SQL),
};

/** The same, and of each licence its app and its token. */
export const licensesNested: Operation = {
  name: "licensesNested",
  over: "StoreApp",
  ours: graphql("LicensesNested", `${FIELDS} ${NESTED}`),
  postgraphile: graphql("LicensesNested", `${FIELDS} ${NESTED}`),
  bare: sql({ ...FIELDS_SQL, ...NESTED_SQL }),
};
