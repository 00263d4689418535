import type { EntityManager } from "typeorm";
import { InstallationReason, InstallationState } from "../../entities/installation.js";
import { Token, TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import { freshenStatistics } from "../../queries/freshen-statistics.js";
import { rows } from "../../queries/sql.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core, TokenScopedKey } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { claimAgain } from "../licenses/claim-again.js";
import { claimLicenses, type HolderNeed } from "../licenses/claim-licenses.js";
import { registerUsers } from "../licenses/register-users.js";
import { readAppStock } from "./app-stock.js";
import { decideLicensing, type LicensingDecision, outOfStock } from "./decide-licensing.js";
import { type LicensingFacts, licensingFacts } from "./licensing-facts.js";
import { appsToLicense, type FindTurns, turnsToClaim, turnsToJoin } from "./licensing-turns.js";
import { lockInstallations } from "./lock-installations.js";
import { lockProduct } from "./lock-product.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { noteLastUse } from "./note-last-use.js";
import { passToTarget } from "./pass-to-target.js";
import { askForInvitations } from "./send-invitations.js";
import { tryHinderedAgain } from "./try-hindered-again.js";

/** Who claims on behalf of deployments. */
const ACTOR = "deployment";

const RETRY_MS = 60_000;

/** What one request to Apple may carry, today. */
interface OperationSizes {
  readonly holders: number;
  readonly users: number;
}

type Of<Kind extends LicensingDecision["kind"]> = Extract<LicensingDecision, { kind: Kind }>;

/**
 * Gives every installation of a token that needs a licence its next state: it joins one, claims one, waits, or is told why
 * not. With authority TARGET the product does all this, and the installation is passed on as it is.
 */
export async function licenseInstallations(core: Core, { tokenId }: Jobs["license-installations"]): Promise<void> {
  const token = await core.dataSource.manager.findOne(Token, { where: { id: tokenId } });
  if (!token || token.removingAt !== null) return;
  if (token.authority === TokenAuthority.TARGET) return passToTarget(core, tokenId);
  if (!WRITABLE_HEALTH.includes(token.health.state)) return;
  await core.dataSource.transaction((tx) => tryHinderedAgain(tx, core, tokenId));
  const apps = await appsToLicense(core, tokenId);
  if (apps.length > 0) await licenseApps(core, tokenId, apps);
  await core.dataSource.transaction((tx) => askForInvitations(tx, core, tokenId));
}

async function licenseApps(core: Core, tokenId: string, apps: readonly string[]): Promise<void> {
  const sizes = await operationSizes(core, tokenId);
  if (!sizes) return;
  for (const id of apps) {
    await licenseAll(core, { tokenId, id }, sizes, turnsToClaim);
    await licenseAll(core, { tokenId, id }, sizes, turnsToJoin);
  }
}

async function operationSizes(core: Core, tokenId: string): Promise<OperationSizes | null> {
  try {
    const { limits } = await core.apple.serviceConfig();
    return { holders: Math.min(limits.maxSerialNumbers, limits.maxClientUserIds), users: limits.maxUsers };
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    await core.dataSource.transaction((tx) =>
      addJob(tx, "license-installations", { tokenId }, core.clock.in(RETRY_MS)),
    );
    return null;
  }
}

async function licenseAll(
  core: Core,
  storeApp: TokenScopedKey,
  sizes: OperationSizes,
  findTurns: FindTurns,
): Promise<void> {
  do await freshenStatistics(core.dataSource, ["installation", "license", "apple_user"]);
  while (await licenseBatch(core, storeApp, sizes, findTurns));
}

/** @returns whether there may be more. */
async function licenseBatch(
  core: Core,
  storeApp: TokenScopedKey,
  sizes: OperationSizes,
  findTurns: FindTurns,
): Promise<boolean> {
  try {
    return await inTransaction(core, (tx) => licenseBatchIn(tx, core, storeApp, sizes, findTurns));
  } catch (error) {
    if (error instanceof LicenseGone) return true;
    throw error;
  }
}

async function licenseBatchIn(
  tx: EntityManager,
  core: Core,
  storeApp: TokenScopedKey,
  sizes: OperationSizes,
  findTurns: FindTurns,
): Promise<boolean> {
  await lockProduct(tx, storeApp);
  const stock = await readAppStock(tx, core, storeApp);
  const turns = await findTurns(tx, storeApp, stock);
  if (turns.length === 0) return false;
  // A flip waits until they have their licence, or comes first: then their facts do not show them.
  await lockInstallations(tx, turns);
  const ids = turns.map(({ id }) => id);
  const batch = await licensingFacts(tx, storeApp, ids);
  const decisions = decideLicensing(batch, stock);
  const joinedIds = of(decisions, "join").map(({ licenseId }) => licenseId);
  await lockJoined(tx, storeApp, joinedIds);
  await claimAgain(tx, core, storeApp, joinedIds, { actor: ACTOR, operationSize: sizes.holders });
  const moves = [
    ...of(decisions, "join").map((decision) => joined(storeApp, decision)),
    ...(await claim(tx, core, storeApp, of(decisions, "claim"), sizes.holders)),
    ...(await register(tx, core, storeApp, of(decisions, "register"), sizes.users)),
    ...[...of(decisions, "wait"), ...of(decisions, "refuse")].map((decision) => placed(storeApp, decision)),
  ];
  const reasonBefore = new Map(batch.map(({ id, reason }) => [id, reason]));
  const news = moves.filter((move) => move.from !== move.to || move.reason !== reasonBefore.get(move.id));
  const moved = await moveInstallations(tx, core, news);
  await noteLastUse(tx, storeApp.tokenId, joinedIds);
  await addJob(tx, "advance-installations", { tokenId: storeApp.tokenId });
  return moved.size > 0 || batch.length < turns.length;
}

/** A licence that somebody joins must not turn RETURNING in the same moment; one that just did is waited for. */
async function lockJoined(tx: EntityManager, storeApp: TokenScopedKey, ids: readonly string[]): Promise<void> {
  const stay = await rows<{ id: string }>(
    tx,
    `SELECT id FROM license WHERE token_id = $1 AND id = ANY($2) AND state IN ('CLAIMING', 'HELD') ORDER BY id FOR NO KEY UPDATE`,
    [storeApp.tokenId, ids],
  );
  if (stay.length < new Set(ids).size) throw new LicenseGone();
}

/** The facts are out of date: the transaction is rolled back and the batch read again. */
class LicenseGone extends Error {}

function of<Kind extends LicensingDecision["kind"]>(decisions: readonly LicensingDecision[], kind: Kind): Of<Kind>[] {
  return decisions.filter((decision): decision is Of<Kind> => decision.kind === kind);
}

function move(storeApp: TokenScopedKey, facts: LicensingFacts, to: InstallationState): Move {
  return { tokenId: storeApp.tokenId, id: facts.id, from: facts.state, generation: facts.generation, to };
}

function joined(storeApp: TokenScopedKey, { facts, licenseId }: Of<"join">): Move {
  return { ...move(storeApp, facts, InstallationState.CLAIMING), licenseId };
}

function placed(storeApp: TokenScopedKey, decision: Of<"wait"> | Of<"refuse">): Move {
  const { facts, state, reason, detail, remedy } = decision;
  return {
    ...move(storeApp, facts, state),
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

async function claim(
  tx: EntityManager,
  core: Core,
  storeApp: TokenScopedKey,
  claims: readonly Of<"claim">[],
  operationSize: number,
): Promise<Move[]> {
  const deploymentOf = await deploymentsOf(
    tx,
    storeApp.tokenId,
    claims.map(({ facts }) => facts.id),
  );
  const needs = new Map<string, HolderNeed>();
  for (const { facts, need } of claims) {
    if (!needs.has(need.key)) needs.set(need.key, { ...need, deploymentId: deploymentOf.get(facts.id) });
  }
  const licenses = await claimLicenses(tx, core, { storeApp, needs: [...needs.values()], actor: ACTOR, operationSize });
  return claims.map(({ facts, need }) => {
    const licenseId = licenses.get(need.key);
    if (licenseId) return { ...move(storeApp, facts, InstallationState.CLAIMING), licenseId };
    return placed(storeApp, outOfStock(facts));
  });
}

async function deploymentsOf(
  tx: EntityManager,
  tokenId: string,
  installationIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await rows<{ id: string; deploymentId: string }>(
    tx,
    `SELECT id, deployment_id AS "deploymentId" FROM installation WHERE token_id = $1 AND id = ANY($2)`,
    [tokenId, installationIds],
  );
  return new Map(found.map(({ id, deploymentId }) => [id, deploymentId]));
}

async function register(
  tx: EntityManager,
  core: Core,
  storeApp: TokenScopedKey,
  registrations: readonly Of<"register">[],
  operationSize: number,
): Promise<Move[]> {
  const users = [...new Set(registrations.map(({ userId }) => userId))];
  if (users.length > 0) await registerUsers(tx, core, storeApp.tokenId, users, ACTOR, operationSize);
  return registrations.map(({ facts }) => ({
    ...move(storeApp, facts, InstallationState.WAITING_FOR_USER),
    reason: InstallationReason.REGISTRATION_OPEN,
  }));
}
