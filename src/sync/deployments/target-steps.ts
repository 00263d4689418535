import type { EntityManager } from "typeorm";
import { type InstallationWant, InstallationState as S } from "../../entities/installation.js";
import type { DeviceRecord, Licensing, Step, UserRecord } from "../../plugins/contract.js";
import { HINDRANCES_SQL, MAY_REMOVE_SQL } from "../../queries/hindrances-sql.js";
import { REMOVAL_OF_ALL_SQL } from "../../queries/release-due-sql.js";
import { type Reader, row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";

/** How many steps one call to a target carries at most. */
const STEP_BATCH = 1_000;

/** An installation whose target has to be told something, and what. */
export interface TargetStep {
  readonly tokenId: string;
  readonly id: string;
  readonly generation: number;
  readonly state: S;
  readonly want: InstallationWant;
  readonly licenseId: string | null;
  /** The product claims licences itself. */
  readonly mirrored: boolean;
  readonly step: Step;
}

interface StepRow extends Omit<TargetStep, "step"> {
  attempt: number;
  verifications: number;
  handle: string | null;
  decidedAt: Date;
  tokenExternalId: string | null;
  licensing: Uppercase<Licensing>;
  adamId: string;
  bundleId: string | null;
  name: string | null;
  platforms: string[];
  applicationHandle: string | null;
  deviceExternalId: string;
  serial: string | null;
  udid: string | null;
  platform: string | null;
  userExternalId: string | null;
  principalName: string | null;
  collectionExternalId: string | null;
  collectionName: string | null;
}

/** A step not told yet, and not hindered. */
const TO_TELL_SQL = `(
  i.state IN ('LICENSED', 'REMOVING') AND i.handle IS NULL AND application.ready_at IS NOT NULL
  AND CASE i.state WHEN 'LICENSED' THEN NOT EXISTS (SELECT FROM ${HINDRANCES_SQL}) ELSE ${MAY_REMOVE_SQL} END)`;

/** Of what was given up nothing is asked: an app that comes all the same is told of. */
const TO_VERIFY_SQL = `(
  i.state IN ('INSTALLING', 'REMOVING', 'FAILED', 'REMOVAL_FAILED') AND i.handle IS NOT NULL AND i.verify_at IS NOT NULL
  AND (i.state <> 'FAILED' OR i.deadline_at IS NOT NULL))`;

const DUE_SQL = `i.target_id = $1 AND (${TO_TELL_SQL} OR ${TO_VERIFY_SQL})`;

/**
 * Installations of a target whose step was not told, by the index. Left out before anything is asked of each are those that may
 * stand there for months, as many as there are: the removals of tokens that may not write, and what waits for an app that its
 * product has not made.
 */
function fromUntold(targetId: string): string {
  return `
  FROM installation i
  WHERE i.target_id = ${targetId} AND i.state IN ('LICENSED', 'REMOVING') AND i.handle IS NULL
    AND (i.state = 'LICENSED' OR i.token_id NOT IN (SELECT token.id FROM token WHERE NOT ${MAY_REMOVE_SQL}))
    AND EXISTS (
      SELECT FROM (SELECT application_id FROM deployment WHERE token_id = i.token_id AND id = i.deployment_id OFFSET 0) d
      JOIN application ON application.token_id = i.token_id AND application.id = d.application_id
      WHERE application.ready_at IS NOT NULL)`;
}

const PLACE_JOINS_SQL = `
  JOIN token ON token.id = i.token_id
  JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
  JOIN application ON application.token_id = d.token_id AND application.id = d.application_id`;

const JOINS_SQL = `
  LEFT JOIN LATERAL (SELECT * FROM holder_alias WHERE device_id = i.device_id AND target_id = i.target_id
                                                AND gone_at IS NULL
                     ORDER BY id DESC LIMIT 1) alias ON true${PLACE_JOINS_SQL}`;

/** Whether what is to be done is wanted of every member. */
const WANTED_OF_ALL_SQL = `CASE WHEN i.state NOT IN ('REMOVING', 'REMOVAL_FAILED') THEN d.action = 'INSTALL' ELSE ${REMOVAL_OF_ALL_SQL} END`;

/** Where the target does not know the device (any more), there is nobody to tell. */
const KNOWN_SQL = "alias.id IS NOT NULL";

/**
 * Installations whose time for a step has come, by id after `after`: a page of them from the two indexes, whatever waits
 * behind. Whether a step can be taken is asked of these alone.
 */
export async function stepCandidates(core: Core, targetId: string, after: string): Promise<TokenScopedKey[]> {
  const page = `AND i.id > $3 ORDER BY i.id LIMIT ${STEP_BATCH}`;
  return rows<TokenScopedKey>(
    core.dataSource,
    `(SELECT i.token_id AS "tokenId", i.id ${fromUntold("$1")} AND i.next_look_at <= $2 ${page})
     UNION ALL
     (SELECT i.token_id, i.id FROM installation i WHERE i.target_id = $1 AND i.handle IS NOT NULL AND i.verify_at <= $2 ${page})
     ORDER BY id LIMIT ${STEP_BATCH}`,
    [targetId, core.clock.now(), after],
  );
}

/** The targets with steps that could have been told since before that time. */
export async function targetsToTell(db: Reader, _core: Core, before: Date): Promise<string[]> {
  const targets = await rows<{ id: string }>(
    db,
    `SELECT target.id FROM target CROSS JOIN LATERAL (
       SELECT FROM (SELECT i.* ${fromUntold("target.id")} AND i.next_look_at <= $1 OFFSET 0) i ${PLACE_JOINS_SQL} WHERE ${TO_TELL_SQL} LIMIT 1
     ) step`,
    [before],
  );
  return targets.map(({ id }) => id);
}

/** The installations with these keys, looked up one by one before anything else is asked of them (`OFFSET 0`). */
function fromKeys(tokenIds: string, ids: string): string {
  return `FROM (SELECT found.* FROM unnest(${tokenIds}::uuid[], ${ids}::bigint[]) AS key(token_id, id)
                JOIN installation found ON found.token_id = key.token_id AND found.id = key.id OFFSET 0) i ${JOINS_SQL}`;
}

function keyParameters(keys: readonly TokenScopedKey[]): [string[], string[]] {
  return [keys.map(({ tokenId }) => tokenId), keys.map(({ id }) => id)];
}

/** The steps that are due among these installations. */
export function dueSteps(core: Core, targetId: string, keys: readonly TokenScopedKey[]): Promise<TargetStep[]> {
  return readSteps(core, targetId, keys, `${DUE_SQL} AND COALESCE(i.verify_at, i.next_look_at) <= $2`);
}

/** The installs of these installations once more, each of its device alone: told so, the apps do not hang on a collection. */
export async function stepsAlone(core: Core, targetId: string, keys: readonly TokenScopedKey[]): Promise<TargetStep[]> {
  const told = await readSteps(core, targetId, keys, "$2::timestamptz IS NOT NULL");
  return told.map(({ step, ...installation }) => {
    const key = `${keyOf(installation)}:alone`;
    return { ...installation, step: { ...step, key, action: "install", collection: null, handle: null } };
  });
}

/** @param which SQL about the installation `i` and what JOINS_SQL joins; $1 is the target, $2 is now. */
async function readSteps(
  core: Core,
  targetId: string,
  keys: readonly TokenScopedKey[],
  which: string,
): Promise<(TargetStep & { readonly attempt: number })[]> {
  const found = await rows<StepRow>(
    core.dataSource,
    `SELECT i.token_id AS "tokenId", i.id, i.generation, i.attempt, i.verifications, i.state, i.want, i.handle,
            i.state_at AS "decidedAt", token.external_id AS "tokenExternalId", i.license_id AS "licenseId", token.authority = 'TARGET' AS mirrored, d.licensing, app.adam_id AS "adamId", app.bundle_id AS "bundleId", app.name,
            app.platforms, application.handle AS "applicationHandle", alias.external_id AS "deviceExternalId",
            COALESCE(alias.serial, device.serial) AS serial, alias.udid, device.platform,
            user_alias.external_id AS "userExternalId", person.principal_name AS "principalName",
            native.external_id AS "collectionExternalId", native.name AS "collectionName"
     ${fromKeys("$3", "$4")}
     JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
     JOIN device ON device.id = i.device_id
     LEFT JOIN "user" person ON person.id = i.user_id
     LEFT JOIN LATERAL (SELECT external_id FROM holder_alias WHERE user_id = i.user_id AND target_id = i.target_id
                        ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1) user_alias ON true
     LEFT JOIN collection native ON native.id = d.collection_id AND native.target_id = i.target_id
                                AND token.authority = 'TARGET'
                                AND ${WANTED_OF_ALL_SQL}
     WHERE i.target_id = $1 AND ${KNOWN_SQL} AND ${which}
     ORDER BY i.id`,
    [targetId, core.clock.now(), ...keyParameters(keys)],
  );
  return found.map((one) => ({ ...one, step: stepOf(one) }));
}

/** The steps among these installations whose device the target does not know. */
export function unreachableSteps(
  tx: EntityManager,
  targetId: string,
  keys: readonly TokenScopedKey[],
): Promise<Omit<TargetStep, "step">[]> {
  return rows(
    tx,
    `SELECT i.token_id AS "tokenId", i.id, i.generation, i.state, i.want, i.license_id AS "licenseId",
            token.authority = 'TARGET' AS mirrored
     ${fromKeys("$2", "$3")} WHERE ${DUE_SQL} AND i.handle IS NULL AND NOT (${KNOWN_SQL}) ORDER BY i.id`,
    [targetId, ...keyParameters(keys)],
  );
}

/** When the target's next step is due; null when none waits. */
export async function nextStepAt(core: Core, targetId: string): Promise<Date | null> {
  const next = await row<{ at: Date | null }>(
    core.dataSource,
    `SELECT min(due.at) AS at FROM (
       SELECT i.next_look_at AS at FROM (SELECT i.* ${fromUntold("$1")} OFFSET 0) i ${JOINS_SQL} WHERE ${TO_TELL_SQL} AND ${KNOWN_SQL}
       UNION ALL
       SELECT i.verify_at
       FROM (SELECT * FROM installation WHERE target_id = $1 AND verify_at IS NOT NULL OFFSET 0) i ${JOINS_SQL}
       WHERE ${TO_VERIFY_SQL} AND ${KNOWN_SQL}
     ) due`,
    [targetId],
  );
  return next?.at ?? null;
}

function keyOf({
  tokenId,
  id,
  generation,
  attempt,
}: Pick<StepRow, "tokenId" | "id" | "generation" | "attempt">): string {
  return `${tokenId}:${id}:${generation}:${attempt}`;
}

function stepOf(found: StepRow): Step {
  const key = keyOf(found);
  const verifies = found.handle !== null;
  return {
    key: verifies ? `${key}:v${found.verifications}` : key,
    action: verifies ? "verify" : found.state === S.REMOVING ? "remove" : "install",
    decidedAt: found.decidedAt,
    app: {
      adamId: found.adamId,
      bundleId: found.bundleId,
      name: found.name ?? found.adamId,
      platforms: found.platforms,
      tokenExternalId: found.tokenExternalId,
      applicationHandle: found.applicationHandle,
    },
    device: deviceOf(found),
    user: userOf(found),
    licensing: found.licensing === "USER" ? "user" : "device",
    collection: collectionOf(found),
    handle: found.handle,
  };
}

function deviceOf(found: StepRow): Pick<DeviceRecord, "externalId" | "serial" | "udid" | "platform"> {
  return { externalId: found.deviceExternalId, serial: found.serial, udid: found.udid, platform: found.platform };
}

function userOf(found: StepRow): Pick<UserRecord, "externalId" | "principalName"> | null {
  if (found.userExternalId === null) return null;
  return { externalId: found.userExternalId, principalName: found.principalName };
}

function collectionOf(found: StepRow): Step["collection"] {
  if (found.collectionExternalId === null) return null;
  return { externalId: found.collectionExternalId, name: found.collectionName ?? found.collectionExternalId };
}
