/**
 * SQL for whether somebody here wants an open licence (alias `license`): an installation whose member belongs to its
 * deployment uses it, if only until the device's present user has one, or an admin has given it without an install. One
 * that nobody wants is leaked, or a candidate to be reclaimed.
 */
export const WANTED_SQL = wantedSql("license");

/** The opposite, as PostgreSQL finds it by walking two indexes at once: NOT before the other would ask row by row. */
export const UNWANTED_SQL = `(license.given_at IS NULL AND NOT ${usedSql("license")}
  AND NOT ${usedMeanwhileSql("license")})`;

/** The same as `WANTED_SQL` for another alias of the licence. */
export function wantedSql(license: string): string {
  return `(${license}.given_at IS NOT NULL OR ${usedSql(license)} OR ${usedMeanwhileSql(license)})`;
}

function usedSql(license: string): string {
  return `EXISTS (
    SELECT 1 FROM installation wanting
    WHERE wanting.token_id = ${license}.token_id AND wanting.license_id = ${license}.id AND wanting.left_at IS NULL)`;
}

function usedMeanwhileSql(license: string): string {
  return `EXISTS (
    SELECT 1 FROM installation parting
    WHERE parting.token_id = ${license}.token_id AND parting.former_license_id = ${license}.id AND parting.left_at IS NULL)`;
}
