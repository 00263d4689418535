/**
 * SQL for whether the installation `i` still needs its former licence, that of its device's former user or of a deployment
 * that has left the app to it: until it has another one, another token's serves the device, or the app is gone.
 */
export const USES_FORMER_SQL = `(i.former_license_id IS NOT NULL AND (
  i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER', 'CLAIMING')
  OR i.state = 'NOT_APPLICABLE' AND i.reason IS DISTINCT FROM 'SERVED_BY_OTHER_TOKEN'
  OR i.license_id IS NULL AND i.state IN ('FAILED', 'REMOVING', 'REMOVAL_FAILED')))`;

/**
 * SQL for whether the installation `i` gets no licence of the present user unless a person acts, and nobody has since $2. What
 * its target may still act on has a deadline, and is given up first.
 */
export const IS_STUCK_SQL =
  "(i.license_id IS NULL AND i.deadline_at IS NULL AND i.state IN ('FAILED', 'NOT_APPLICABLE') AND i.state_at <= $2)";

/**
 * SQL for whether the installation `i` waits for stock while it holds the licence of its device's former user back, which
 * serves nothing else: what it waits for may be that very licence, and nobody else would ever return it. What cannot be
 * claimed anew, since Apple does not list the app (`app`), is not let go; nor what it may join itself, since it is the device's
 * own or its present user's. $1: the states that use a licence.
 */
export const HOLDS_STOCK_BACK_SQL = `(
  i.state = 'WAITING_FOR_LICENSE' AND i.reason = 'OUT_OF_STOCK' AND app.revocable AND app.unlisted_at IS NULL AND ${heldByOtherSql("i.user_id")}
  AND NOT EXISTS (
    SELECT FROM installation other
    WHERE other.token_id = i.token_id AND other.license_id = i.former_license_id AND other.state = ANY($1))
  AND NOT EXISTS (
    SELECT FROM installation other
    WHERE other.token_id = i.token_id AND other.former_license_id = i.former_license_id
      AND (other.state, other.reason) IS DISTINCT FROM (i.state, i.reason)))`;

/**
 * SQL for whether the `license` is held by somebody else than this person.
 * @param userId SQL; where it is null, anybody is somebody else.
 */
export function heldByOtherSql(userId: string): string {
  return `(license.holder_kind = 'USER' AND NOT EXISTS (
    SELECT FROM apple_user registration
    WHERE registration.token_id = license.token_id AND registration.id = license.apple_user_id
      AND registration.user_id = ${userId}))`;
}
