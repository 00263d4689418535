import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { type AppRef, PluginError, type Release, type Step } from "../../plugins/contract.js";
import { FAILURES_TOLD, HELD_UP_SQL, RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../queries/release-due-sql.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { clearAlerts, raiseNewAlerts } from "../raise-alerts.js";
import { callTarget } from "../targets/call-target.js";
import { leftAloneUntil } from "../targets/circuit/enter-circuit.js";
import { retryAt } from "../targets/plugin-failure.js";
import { handOver, type OrderKey } from "./hand-over.js";
import { DEADLINES_MS } from "./transitions.js";

/** How long one call to a target may take. Real time. */
const CALL_DEADLINE_MS = 60_000;

/** The first pause after a failure, which doubles with each, and the longest. */
const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/**
 * How long devices that were told alone have to be known by themselves at the product: it may take the app from one for which,
 * for a moment, nothing stands.
 */
const HAND_OVER_MS = 3_600_000;

interface DueOrder extends OrderKey, AppRef {
  readonly collectionName: string;
}

const OF_TARGET_SQL = `FROM ${STANDING_ORDERS_SQL}
  JOIN store_app app ON app.token_id = o.token_id AND app.id = application.store_app_id
  JOIN token ON token.id = o.token_id
  JOIN target ON target.id = application.target_id
  WHERE application.target_id = $1`;

const DUE_SQL = `${OF_TARGET_SQL} AND ${RELEASE_DUE_SQL}`;

/**
 * Ends at a target what deployments have set up there and nothing wants any more, so that nobody who joins a collection later gets
 * or loses an app by it. Tried again until it is done.
 */
export async function releaseOrders(core: Core, { targetId }: Jobs["release-orders"]): Promise<void> {
  const paused = await leftAloneUntil(core, targetId);
  if (paused) return tryLater(core, targetId, paused);
  for (const order of await dueOrders(core, targetId)) {
    const error = await release(core, targetId, order);
    if (error && error.kind !== "rejected") break;
  }
  await core.dataSource.transaction((tx) => tellOfFailures(tx, core, targetId));
  const next = await row<{ at: Date | null }>(core.dataSource, `SELECT min(o.next_attempt_at) AS at ${DUE_SQL}`, [
    targetId,
  ]);
  if (next?.at) await tryLater(core, targetId, next.at);
}

async function tryLater(core: Core, targetId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "release-orders", { targetId }, at));
}

/** Those that have not failed come first, so that one that does keeps no other from its turn. */
function dueOrders(core: Core, targetId: string): Promise<DueOrder[]> {
  return rows<DueOrder>(
    core.dataSource,
    `SELECT o.token_id AS "tokenId", o.application_id AS "applicationId", o.collection, o.collection_name AS "collectionName",
            app.adam_id AS "adamId", app.bundle_id AS "bundleId", COALESCE(app.name, app.adam_id) AS name, app.platforms,
            token.external_id AS "tokenExternalId", application.handle AS "applicationHandle"
     ${DUE_SQL} AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= $2)
     ORDER BY o.next_attempt_at NULLS FIRST, o.token_id, o.application_id, o.collection DESC`,
    [targetId, core.clock.now()],
  );
}

/** @returns why it could not be done; null when it is, or its time has not come. */
async function release(core: Core, targetId: string, order: DueOrder): Promise<PluginError | null> {
  try {
    if (order.collection !== "" && !(await isHandedOver(core, targetId, order))) return null;
    if (!(await isStillDue(core, targetId, order))) return null;
    const wish = { app: appOf(order), collection: collectionOf(order), others: await othersOf(core, order) };
    await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
      connection.release?.(wish, signal),
    );
    await core.dataSource.query(
      `DELETE FROM standing_order o WHERE o.token_id = $1 AND o.application_id = $2 AND o.collection = $3 AND ${RELEASE_DUE_SQL}`,
      [order.tokenId, order.applicationId, order.collection],
    );
    return null;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    await noteFailure(core, order, error);
    core.log.warn(
      { targetId, collection: order.collection, adamId: order.adamId, kind: error.kind, error: error.message },
      "What stands at a target for an app could not be released",
    );
    return error;
  }
}

/** Whether no device needs the order any more: those that keep the app have been told alone, and have had the time to hear of it. */
async function isHandedOver(core: Core, targetId: string, order: OrderKey): Promise<boolean> {
  if (!(await handOver(core, targetId, order))) return true;
  const now = core.clock.now();
  const told = await row<{ until: Date }>(
    core.dataSource,
    `UPDATE standing_order
     SET handed_over_at = COALESCE(handed_over_at, $4),
         next_attempt_at = COALESCE(handed_over_at, $4) + $5::float8 * interval '1 ms'
     WHERE token_id = $1 AND application_id = $2 AND collection = $3 RETURNING next_attempt_at AS until`,
    [order.tokenId, order.applicationId, order.collection, now, core.clock.scaled(HAND_OVER_MS)],
  );
  return told !== null && told.until <= now;
}

/** Others may have come to want it meanwhile. */
async function isStillDue(core: Core, targetId: string, order: OrderKey): Promise<boolean> {
  const due = await row(
    core.dataSource,
    `SELECT ${DUE_SQL} AND o.token_id = $2 AND o.application_id = $3 AND o.collection = $4`,
    [targetId, order.tokenId, order.applicationId, order.collection],
  );
  return due !== null;
}

function appOf({ adamId, bundleId, name, platforms, tokenExternalId, applicationHandle }: DueOrder): AppRef {
  return { adamId, bundleId, name, platforms, tokenExternalId, applicationHandle };
}

function collectionOf({ collection, collectionName }: DueOrder): Step["collection"] {
  return collection === "" ? null : { externalId: collection, name: collectionName };
}

/** The collections for which the app still stands: also those whose turn comes, since devices that keep it hang on them until then. */
function othersOf(core: Core, { tokenId, applicationId, collection }: OrderKey): Promise<Release["others"]> {
  return rows<Release["others"][number]>(
    core.dataSource,
    `SELECT o.collection AS "externalId", o.collection_name AS name FROM standing_order o
     WHERE o.token_id = $1 AND o.application_id = $2 AND o.collection NOT IN ('', $3)`,
    [tokenId, applicationId, collection],
  );
}

async function noteFailure(core: Core, order: OrderKey, error: PluginError): Promise<void> {
  await core.dataSource.query(
    `UPDATE standing_order
     SET attempts = CASE WHEN $5 THEN GREATEST(attempts + 1, ${FAILURES_TOLD}) ELSE attempts + 1 END, last_error = $4,
         next_attempt_at = GREATEST($6::timestamptz, $7::timestamptz
           + LEAST(${PAUSE_MS} * 2.0 ^ LEAST(attempts, 20), ${LONGEST_PAUSE_MS}) * $8::float8 * interval '1 ms')
     WHERE token_id = $1 AND application_id = $2 AND collection = $3`,
    [
      order.tokenId,
      order.applicationId,
      order.collection,
      error.message,
      error.kind === "rejected",
      retryAt(error, core.clock),
      core.clock.now(),
      core.clock.scaled(1),
    ],
  );
}

/** What goes on at a target though no deployment wants it. */
interface Failing {
  readonly app: string;
  readonly target: string;
  readonly collection: string;
  readonly error: string;
  /** By devices that have not confirmed a removal. */
  readonly heldUp: boolean;
}

/** One alert a target, while what is due there fails, or devices have held it up for as long as a removal may take. */
async function tellOfFailures(tx: EntityManager, core: Core, targetId: string): Promise<void> {
  const subject = encodeGlobalId("Target", targetId);
  const failing = await rows<Failing>(
    tx,
    `SELECT COALESCE(app.name, app.adam_id) AS app, target.name AS target, o.collection_name AS collection, o.last_error AS error,
            NOT ${RELEASE_DUE_SQL} AS "heldUp"
     ${OF_TARGET_SQL} AND (o.attempts >= ${FAILURES_TOLD} AND ${RELEASE_DUE_SQL} OR ${HELD_UP_SQL})
     ORDER BY 5, o.given_at, o.application_id, o.collection`,
    [targetId, new Date(core.clock.now().getTime() - core.clock.scaled(DEADLINES_MS.REMOVING ?? 0))],
  );
  const [first] = failing;
  if (!first) return clearAlerts(tx, core, AlertKind.RELEASE_FAILED, [subject]);
  const others = failing.length === 1 ? "" : ` So it is with ${failing.length - 1} others.`;
  const message = first.heldUp ? heldUpMessage(first, others) : failureMessage(first, others);
  await raiseNewAlerts(tx, core, AlertKind.RELEASE_FAILED, [{ subject, message }]);
}

function failureMessage({ app, target, collection, error }: Failing, others: string): string {
  const whom = collection === "" ? "devices that were addressed alone" : `the collection "${collection}"`;
  return (
    `No deployment wants "${app}" for ${whom} any more, but "${target}" goes on with it, since that could not be ` +
    `ended: ${error}${others} It is tried again, at last daily; or end it at the product by hand.`
  );
}

function heldUpMessage({ app, target, collection }: Failing, others: string): string {
  return (
    `"${target}" goes on removing "${app}" from whoever joins the collection "${collection}", though the deployment is deleted, ` +
    `since devices have not confirmed the removal for more than a day (REMOVAL_FAILED).${others} Help these devices, or have the ` +
    "MDM give them up; or delete the deployment once more with onLeave RECLAIM, which takes their licences back at once."
  );
}
