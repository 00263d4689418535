import { AppleOperation } from "../../entities/apple-operation.js";
import { AppleUser } from "../../entities/apple-user.js";
import { Application } from "../../entities/application.js";
import { Collection } from "../../entities/collection.js";
import { Deployment } from "../../entities/deployment.js";
import { Device } from "../../entities/device.js";
import { type Installation, InstallationReason, InstallationState } from "../../entities/installation.js";
import { License } from "../../entities/license.js";
import type { Node } from "../../entities/node.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { findByKeys } from "../by-key.js";
import { deploymentsThatKeep } from "../kept-by.js";
import type { NodeClass, NodeKey } from "../node-key.js";
import { queuePlaces } from "../queue-places.js";
import { type Scoped, scopeOrAll, withToken } from "../scopes.js";
import { servedFirst } from "../served-first.js";
import { row } from "../sql.js";
import type { ExplainFacts } from "./explain-facts.js";

/** All that bears on one installation, as far as the teams see it; null when it has gone with its deployment meanwhile. */
export async function readExplainFacts(
  scoped: Scoped,
  installation: Installation,
  now: Date,
): Promise<ExplainFacts | null> {
  const { tokenId, deploymentId, storeAppId, targetId, deviceId, userId } = installation;
  const [deployment, app, token, target, device, user] = await Promise.all([
    find(scoped, Deployment, tokenId, deploymentId),
    find(scoped, StoreApp, tokenId, storeAppId),
    find(scoped, Token, tokenId),
    find(scoped, Target, targetId),
    find(scoped, Device, deviceId),
    find(scoped, User, userId),
  ]);
  if (!deployment || !app || !token || !target) return null;
  const [application, collection, licensing, waiting, keptBy, otherToken] = await Promise.all([
    find(scoped, Application, tokenId, deployment.applicationId),
    collectionName(scoped, deployment),
    readLicensing(scoped, installation),
    readWaiting(scoped, installation, now),
    readKeeper(scoped, installation),
    readOtherToken(scoped, installation),
  ]);
  const objects = { installation, deployment, app, token, target, application, device, user };
  return { now, ...objects, collection, ...licensing, ...waiting, keptBy, otherToken };
}

async function find<Row extends Node>(
  scoped: Scoped,
  node: NodeClass<Row>,
  ...key: (string | null)[]
): Promise<Row | null> {
  if (key.includes(null)) return null;
  const [found] = await findByKeys(scoped, node, [key as string[]]);
  return found ?? null;
}

async function collectionName(scoped: Scoped, deployment: Deployment | null): Promise<string | null> {
  return (await find(scoped, Collection, deployment?.collectionId ?? null))?.name ?? null;
}

/** The licence, the registration, and what is being asked of Apple for either. */
async function readLicensing(
  scoped: Scoped,
  installation: Installation,
): Promise<Pick<ExplainFacts, "license" | "formerLicense" | "registration" | "operation">> {
  const { tokenId } = installation;
  const registration = await find(scoped, AppleUser, tokenId, await registrationOf(scoped, installation));
  const license = await find(
    scoped,
    License,
    tokenId,
    installation.licenseId ?? (await returningLicense(scoped, installation)),
  );
  const formerLicense = await find(scoped, License, tokenId, installation.formerLicenseId);
  const operationId = license?.operationId ?? registration?.operationId ?? null;
  return { license, formerLicense, registration, operation: await find(scoped, AppleOperation, tokenId, operationId) };
}

async function registrationOf(scoped: Scoped, { tokenId, userId }: Installation): Promise<string | null> {
  const found = await row<{ id: string }>(
    scoped.db,
    `SELECT id FROM apple_user
     WHERE token_id = $1 AND user_id = $2 AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED', 'REFUSED')
     ORDER BY status = 'REFUSED', id DESC LIMIT 1`,
    [tokenId, userId],
  );
  return found?.id ?? null;
}

/** The last licence of the device or its user, whose return is awaited. */
async function returningLicense(scoped: Scoped, installation: Installation): Promise<string | null> {
  if (installation.reason !== InstallationReason.LICENSE_RETURNING) return null;
  const found = await row<{ id: string }>(
    scoped.db,
    `SELECT id FROM license
     WHERE token_id = $1 AND store_app_id = $2 AND state = 'RETURNING' AND ended_at IS NULL
       AND (device_id = $3 OR (token_id, apple_user_id) IN (SELECT token_id, id FROM apple_user WHERE user_id = $4))
     ORDER BY id LIMIT 1`,
    [installation.tokenId, installation.storeAppId, installation.deviceId, installation.userId],
  );
  return found?.id ?? null;
}

/** Its place in the queue, and who was served first. */
async function readWaiting(
  scoped: Scoped,
  { tokenId, id, state }: Installation,
  now: Date,
): Promise<Pick<ExplainFacts, "queue" | "servedFirst">> {
  if (state !== InstallationState.WAITING_FOR_LICENSE) return { queue: null, servedFirst: [] };
  const [[queue = null], lanes] = await Promise.all([
    queuePlaces(scoped.db, [[tokenId, id]], now),
    servedFirst(scoped.db, tokenId, id),
  ]);
  const collections = await findByKeys(
    scoped,
    Collection,
    lanes.map(({ collectionId }): NodeKey => [collectionId]),
  );
  return { queue, servedFirst: lanes.map((lane, at) => ({ ...lane, collection: collections[at]?.name ?? null })) };
}

async function readKeeper(scoped: Scoped, { tokenId, id, reason }: Installation): Promise<string | null> {
  if (reason !== InstallationReason.KEPT_BY_INSTALL) return null;
  const [key] = await deploymentsThatKeep(scoped.db, [[tokenId, id]]);
  return key ? collectionName(scoped, await find(scoped, Deployment, ...key)) : null;
}

/** The token by whose licence the device has the same product, where the teams see it. */
async function readOtherToken(scoped: Scoped, installation: Installation): Promise<string | null> {
  if (installation.reason !== InstallationReason.SERVED_BY_OTHER_TOKEN) return null;
  const found = await row<{ name: string }>(
    scoped.db,
    `SELECT token.name
     FROM (SELECT token_id, store_app_id, license_id FROM installation WHERE device_id = $3 OFFSET 0) other
     JOIN license ON license.token_id = other.token_id AND license.id = other.license_id AND license.ended_at IS NULL
     JOIN store_app theirs ON theirs.token_id = other.token_id AND theirs.id = other.store_app_id
     JOIN store_app ours ON ours.token_id = $1 AND ours.id = $2
     JOIN token ON token.id = other.token_id
     WHERE other.token_id <> $1 AND theirs.adam_id = ours.adam_id AND theirs.pricing_param = ours.pricing_param
       AND ${scopeOrAll(withToken, "other", "$4::text[]")}
     ORDER BY token.name LIMIT 1`,
    [installation.tokenId, installation.storeAppId, installation.deviceId, scoped.teams],
  );
  return found?.name ?? null;
}
