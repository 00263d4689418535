/** SQL for the standing orders `o`, each with its `application`. */
export const STANDING_ORDERS_SQL =
  "standing_order o JOIN application ON application.token_id = o.token_id AND application.id = o.application_id";

/** After so many failures in a row an order's release is said to fail; a no is enough. */
export const FAILURES_TOLD = 3;

/**
 * SQL for whether a removal of the installation `i` of the deployment `d` is wanted of every member, and so may be told of all at
 * once: not of one that has left, unless it has left together with all others because the deployment was deleted, whose apps
 * all go, and no other deployment has taken its place.
 */
export const REMOVAL_OF_ALL_SQL = `CASE WHEN i.left_at IS NULL THEN d.action = 'UNINSTALL'
  ELSE d.deleted_at IS NOT NULL AND i.left_at >= d.deleted_at AND (d.on_leave = 'UNINSTALL' OR d.action = 'UNINSTALL')
    AND NOT EXISTS (SELECT FROM deployment successor
                    WHERE successor.token_id = d.token_id AND successor.application_id = d.application_id
                      AND successor.collection_id = d.collection_id AND successor.deleted_at IS NULL) END`;

/**
 * SQL for whether nothing wants the standing order `o` any more: all deployments of its app to its collection are deleted, and
 * no Step of one is under way that was told of the collection. Orders to devices that were addressed alone wait for all
 * deployments of the app at the target, and for every device that still keeps it by one.
 */
export const RELEASE_DUE_SQL = `NOT EXISTS (
  SELECT FROM deployment d LEFT JOIN collection c ON c.id = d.collection_id AND c.target_id = d.target_id
  WHERE d.token_id = o.token_id AND d.application_id = o.application_id
    AND (o.collection = '' OR d.collection_id IS NULL OR c.external_id = o.collection)
    AND (d.deleted_at IS NULL OR EXISTS (
      SELECT FROM installation i
      WHERE i.token_id = d.token_id AND i.deployment_id = d.id
        AND CASE WHEN o.collection = ''
              THEN i.state IN ('CLAIMING', 'LICENSED', 'INSTALLING', 'INSTALLED', 'REMOVING', 'REMOVAL_FAILED')
                OR i.state = 'FAILED' AND i.deadline_at IS NOT NULL
              ELSE i.state IN ('REMOVING', 'REMOVAL_FAILED') AND ${REMOVAL_OF_ALL_SQL} END)))`;
