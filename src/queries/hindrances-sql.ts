/** SQL for whether the `token` may remove apps: one that may not write has no removals, since their licences could not return (rule 7). */
export const MAY_REMOVE_SQL = "(token.authority = 'TARGET' OR token.health_state IN ('ACTIVE', 'EXPIRING'))";

/**
 * SQL for the removals `other` of the app of the installation `i` that are under way on its device, or about to be: an install
 * waits for them, and for their deadline at most. Of two orders at once nobody could tell which was heeded last. The `token` is
 * that of both.
 */
export const HINDRANCES_SQL = `
  (SELECT token_id, id, store_app_id, state, handle FROM installation WHERE device_id = i.device_id OFFSET 0) other
  WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id AND other.state = 'REMOVING'
    AND (other.handle IS NOT NULL OR ${MAY_REMOVE_SQL})`;
