import { globalIdSql } from "../../../src/queries/global-id-sql.js";

/** Pieces of the hand-written statements: how the API spells ids and times. */

export const idOf = {
  storeApp: (alias: string) => globalIdSql("StoreApp", `${alias}.token_id`, `${alias}.id`),
  license: (alias: string) => globalIdSql("License", `${alias}.token_id`, `${alias}.id`),
  appleUser: (alias: string) => globalIdSql("AppleUser", `${alias}.token_id`, `${alias}.id`),
  deployment: (alias: string) => globalIdSql("Deployment", `${alias}.token_id`, `${alias}.id`),
  installation: (alias: string) => globalIdSql("Installation", `${alias}.token_id`, `${alias}.id`),
  token: (id: string) => globalIdSql("Token", id),
  device: (id: string) => globalIdSql("Device", id),
  user: (id: string) => globalIdSql("User", id),
  collection: (id: string) => globalIdSql("Collection", id),
};

export function time(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** How many installations wait for a licence of the app (alias `app`). */
export const WAITING_SQL = `(SELECT count(*) FROM installation
  WHERE installation.token_id = app.token_id AND installation.store_app_id = app.id AND installation.state = 'WAITING_FOR_LICENSE')`;

/** A place in a list, from what leads to it: opaque, and as long as ours. */
export function cursor(list: string, ...parts: readonly string[]): string {
  return globalIdSql(list, `json_build_array(${parts.join(", ")})::text`);
}

/**
 * A JSON object, spelled without spaces as a program would.
 * @param fields SQL of each field's value
 * @param from what the fields are of, from FROM on; nothing when they are of what stands around it
 */
export function object(fields: Readonly<Record<string, string>>, from = ""): string {
  const columns = Object.entries(fields).map(([name, sql]) => `${sql} AS "${name}"`);
  return `(SELECT row_to_json(object) FROM (SELECT ${columns.join(", ")} ${from}) AS object)`;
}

/** The object, or null where there is no row of this alias. */
export function objectIfAny(alias: string, fields: Readonly<Record<string, string>>): string {
  return `CASE WHEN ${alias}.id IS NOT NULL THEN ${object(fields)} END`;
}

/** The whole answer. */
export function body(field: string, value: string): string {
  return `${object({ data: object({ [field]: value }) })}::text AS body`;
}
