/**
 * SQL for whether the installation `i` still needs the licence of its device's former user: until it has another one, or
 * the app is gone.
 */
export const USES_FORMER_SQL = `(i.former_license_id IS NOT NULL AND (
  i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER', 'CLAIMING', 'NOT_APPLICABLE')
  OR i.license_id IS NULL AND i.state IN ('FAILED', 'REMOVING', 'REMOVAL_FAILED')))`;

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
