/**
 * SQL for whether somebody here wants an open licence (alias `license`): an installation whose member belongs to its
 * deployment uses it, or an admin has given it without an install. One that nobody wants is leaked, or a candidate to be
 * reclaimed.
 */
export const WANTED_SQL = wantedSql("license");

/** The same for another alias of the licence. */
export function wantedSql(license: string): string {
  return `(${license}.given_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM installation wanting
    WHERE wanting.token_id = ${license}.token_id AND wanting.license_id = ${license}.id AND wanting.left_at IS NULL))`;
}
