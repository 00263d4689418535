/**
 * SQL for the licence that a removal takes along: the one that the device, or its user, holds and that no installation uses,
 * or only one that has left the app on this very device. Each OFFSET 0 keeps the planner from starting elsewhere than at
 * the holder, whatever it believes of the tables' sizes: a device has few licences, an app as many as there are devices.
 *
 * Parameters: $1 token, $2 store app.
 * @param of an alias with device_id and user_id.
 */
export function unusedLicenseSql(of: string): string {
  return `(
    SELECT held.id FROM (
      SELECT * FROM (
        SELECT token_id, id, store_app_id, state, false AS "isUser" FROM license
        WHERE device_id = ${of}.device_id OFFSET 0
      ) device_held
      UNION ALL
      SELECT user_held.* FROM (
        SELECT token_id, id FROM apple_user WHERE user_id = ${of}.user_id OFFSET 0
      ) registration CROSS JOIN LATERAL (
        SELECT token_id, id, store_app_id, state, true FROM license
        WHERE token_id = registration.token_id AND apple_user_id = registration.id OFFSET 0
      ) user_held
    ) held
    WHERE held.token_id = $1 AND held.store_app_id = $2 AND held.state = 'HELD'
      AND NOT EXISTS (
        SELECT 1 FROM (SELECT device_id, left_at, want FROM installation
                       WHERE token_id = held.token_id AND license_id = held.id OFFSET 0) other
        WHERE other.left_at IS NULL OR other.want = 'ABSENT' OR other.device_id <> ${of}.device_id)
      AND NOT EXISTS (
        SELECT 1 FROM installation parting WHERE parting.token_id = held.token_id AND parting.former_license_id = held.id)
    ORDER BY held."isUser", held.id LIMIT 1
  )`;
}
