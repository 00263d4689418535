import { AppleOperation } from "../../entities/apple-operation.js";
import { AppleUser } from "../../entities/apple-user.js";
import { Application } from "../../entities/application.js";
import { Collection } from "../../entities/collection.js";
import { Deployment } from "../../entities/deployment.js";
import { Device } from "../../entities/device.js";
import { Installation, InstallationReason, InstallationState } from "../../entities/installation.js";
import { License } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import type { Scoped } from "../scopes.js";
import type { ExplainFacts } from "./explain-facts.js";
import { ExplainReads } from "./explain-reads.js";

/**
 * All that bears on each of these installations, as far as the teams see it, in as many statements as for one; null for one
 * that has gone with its deployment meanwhile.
 */
export async function readExplainFacts(
  scoped: Scoped,
  installations: readonly Installation[],
  now: Date,
): Promise<(ExplainFacts | null)[]> {
  const reads = new ExplainReads(scoped, now);
  return Promise.all(installations.map((installation) => readFacts(reads, installation, now)));
}

async function readFacts(reads: ExplainReads, installation: Installation, now: Date): Promise<ExplainFacts | null> {
  const { tokenId, deploymentId, storeAppId, targetId, deviceId, userId } = installation;
  const [deployment, app, token, target, device, user] = await Promise.all([
    reads.find(Deployment, tokenId, deploymentId),
    reads.find(StoreApp, tokenId, storeAppId),
    reads.find(Token, tokenId),
    reads.find(Target, targetId),
    reads.find(Device, deviceId),
    reads.find(User, userId),
  ]);
  if (!deployment || !app || !token || !target) return null;
  const [application, collection, licensing, waiting, keptBy, hinderedBy, otherToken] = await Promise.all([
    reads.find(Application, tokenId, deployment.applicationId),
    collectionName(reads, deployment),
    readLicensing(reads, installation),
    readWaiting(reads, installation),
    readKeeper(reads, installation),
    readHindrance(reads, installation),
    readOtherToken(reads, installation),
  ]);
  const objects = { installation, deployment, app, token, target, application, device, user };
  return { now, ...objects, collection, ...licensing, ...waiting, keptBy, hinderedBy, otherToken };
}

async function collectionName(reads: ExplainReads, deployment: Deployment | null): Promise<string | null> {
  return (await reads.find(Collection, deployment?.collectionId ?? null))?.name ?? null;
}

/** The licence, the registration, and what is being asked of Apple for either. */
async function readLicensing(
  reads: ExplainReads,
  installation: Installation,
): Promise<Pick<ExplainFacts, "license" | "formerLicense" | "registration" | "operation">> {
  const { tokenId, licenseId, formerLicenseId } = installation;
  const [registrationId, returningId] = await Promise.all([
    reads.registration.load(installation),
    licenseId === null && awaitsReturn(installation) ? reads.returningLicense.load(installation) : null,
  ]);
  const [registration, license, formerLicense] = await Promise.all([
    reads.find(AppleUser, tokenId, registrationId),
    reads.find(License, tokenId, licenseId ?? returningId),
    reads.find(License, tokenId, formerLicenseId),
  ]);
  const operationId = license?.operationId ?? registration?.operationId ?? null;
  return { license, formerLicense, registration, operation: await reads.find(AppleOperation, tokenId, operationId) };
}

function awaitsReturn({ reason }: Installation): boolean {
  return reason === InstallationReason.LICENSE_RETURNING;
}

/** Its place in the queue, and who was served first. */
async function readWaiting(
  reads: ExplainReads,
  installation: Installation,
): Promise<Pick<ExplainFacts, "queue" | "servedFirst">> {
  if (installation.state !== InstallationState.WAITING_FOR_LICENSE) return { queue: null, servedFirst: [] };
  const [queue, lanes] = await Promise.all([reads.queuePlace.load(installation), reads.servedFirst.load(installation)]);
  const collections = await Promise.all(lanes.map(({ collectionId }) => reads.find(Collection, collectionId)));
  return { queue, servedFirst: lanes.map((lane, at) => ({ ...lane, collection: collections[at]?.name ?? null })) };
}

async function readKeeper(reads: ExplainReads, installation: Installation): Promise<string | null> {
  if (installation.reason !== InstallationReason.KEPT_BY_INSTALL) return null;
  const key = await reads.keeper.load(installation);
  return key ? collectionName(reads, await reads.find(Deployment, ...key)) : null;
}

async function readHindrance(reads: ExplainReads, installation: Installation): Promise<ExplainFacts["hinderedBy"]> {
  const { tokenId, state, handle } = installation;
  if (state !== InstallationState.LICENSED || handle !== null) return null;
  const removal = await reads.find(Installation, tokenId, await reads.hindrance.load(installation));
  if (!removal) return null;
  const deployment = await reads.find(Deployment, tokenId, removal.deploymentId);
  const collection = await collectionName(reads, deployment);
  return { collection, since: removal.stateAt, deadlineAt: removal.deadlineAt };
}

async function readOtherToken(reads: ExplainReads, installation: Installation): Promise<string | null> {
  return installation.reason === InstallationReason.SERVED_BY_OTHER_TOKEN ? reads.otherToken.load(installation) : null;
}
