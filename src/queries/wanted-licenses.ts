/**
 * SQL for whether nobody here wants an open licence (alias `license`): no installation whose member belongs to its
 * deployment uses it, not even until the device's present user has one, and no admin has given it without an install. Such
 * a licence is leaked, or a candidate to be reclaimed. Each NOT EXISTS stands alone, so that PostgreSQL walks two indexes at
 * once instead of asking row by row.
 */
export const UNWANTED_SQL = `(license.given_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM installation wanting
    WHERE wanting.token_id = license.token_id AND wanting.license_id = license.id AND wanting.left_at IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM installation parting
    WHERE parting.token_id = license.token_id AND parting.former_license_id = license.id AND parting.left_at IS NULL))`;
