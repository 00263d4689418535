/** SQL for the standing orders `o`, each with its `application`. */
export const STANDING_ORDERS_SQL =
  "standing_order o JOIN application ON application.token_id = o.token_id AND application.id = o.application_id";

/** After so many failures in a row an order's release is said to fail; a no is enough. */
export const FAILURES_TOLD = 3;

/** SQL for whether the collection of the deployment `d` was released, or is about to be, while devices of its app are addressed alone. */
const HANDED_OVER_SQL = `(
  EXISTS (SELECT FROM standing_order alone
          WHERE alone.token_id = d.token_id AND alone.application_id = d.application_id AND alone.collection = '')
  AND NOT EXISTS (SELECT FROM standing_order whole JOIN collection addressed ON addressed.external_id = whole.collection
                  WHERE whole.token_id = d.token_id AND whole.application_id = d.application_id
                    AND whole.handed_over_at IS NULL AND addressed.id = d.collection_id))`;

/**
 * SQL for whether a removal of the installation `i` of the deployment `d` is wanted of every member, and so may be told of all at
 * once: not of one that has left, unless it has left together with all others because the deployment was deleted, whose apps
 * all go, no other deployment has taken its place, and its devices do not have the app alone by now.
 */
export const REMOVAL_OF_ALL_SQL = `CASE WHEN i.left_at IS NULL THEN d.action = 'UNINSTALL'
  ELSE d.deleted_at IS NOT NULL AND i.left_at >= d.deleted_at AND (d.on_leave = 'UNINSTALL' OR d.action = 'UNINSTALL')
    AND NOT EXISTS (SELECT FROM deployment successor
                    WHERE successor.token_id = d.token_id AND successor.application_id = d.application_id
                      AND successor.collection_id = d.collection_id AND successor.deleted_at IS NULL)
    AND NOT ${HANDED_OVER_SQL} END`;

/** The deployments `d` of the app and collection of the standing order `o`; one whose collection is not known any more may be. */
const OF_ORDER_SQL = `deployment d LEFT JOIN collection c ON c.id = d.collection_id AND c.target_id = d.target_id
  WHERE d.token_id = o.token_id AND d.application_id = o.application_id
    AND (o.collection = '' OR d.collection_id IS NULL OR c.external_id = o.collection)`;

const OF_DEPLOYMENT_SQL = "installation i WHERE i.token_id = d.token_id AND i.deployment_id = d.id";

/**
 * SQL for whether nothing wants the standing order `o` any more: all deployments of its app to its collection are deleted, and
 * no Step of one is under way that was told of the collection. Orders to devices that were addressed alone wait for all
 * deployments of the app at the target, and for every device that still keeps it by one. Installations are looked up by their
 * states (`OFFSET 0`: one deployment at a time), since of most that were deleted all are over.
 */
export const RELEASE_DUE_SQL = `NOT EXISTS (
  SELECT FROM ${OF_ORDER_SQL} AND (
    d.deleted_at IS NULL
      OR EXISTS (
        SELECT FROM ${OF_DEPLOYMENT_SQL} AND o.collection = ''
          AND i.state IN ('CLAIMING', 'LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED', 'REMOVING', 'REMOVAL_FAILED')
          AND (i.state <> 'FAILED' OR i.deadline_at IS NOT NULL) OFFSET 0)
      OR EXISTS (
        SELECT FROM ${OF_DEPLOYMENT_SQL} AND o.collection <> ''
          AND i.state IN ('REMOVING', 'REMOVAL_FAILED') AND ${REMOVAL_OF_ALL_SQL} OFFSET 0)))`;

/**
 * SQL for whether nothing but removals that devices have not confirmed since before $2 holds the release of the standing order
 * `o` up, by which everybody who joins its collection loses the app meanwhile.
 */
export const HELD_UP_SQL = `(o.collection <> ''
  AND NOT EXISTS (SELECT FROM ${OF_ORDER_SQL} AND d.deleted_at IS NULL)
  AND EXISTS (
    SELECT FROM ${OF_ORDER_SQL} AND EXISTS (
      SELECT FROM ${OF_DEPLOYMENT_SQL}
        AND i.state IN ('REMOVING', 'REMOVAL_FAILED') AND i.left_at <= $2 AND ${REMOVAL_OF_ALL_SQL} OFFSET 0)))`;
