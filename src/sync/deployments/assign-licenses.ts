import type { EntityManager } from "typeorm";
import { Device } from "../../entities/device.js";
import { LicenseCause, LicenseState } from "../../entities/license.js";
import { ProductType, StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { AppError } from "../../errors.js";
import { type DeviceFacts, deviceFacts, type UserFacts, userFacts } from "../../queries/assignment-facts.js";
import { missing } from "../../queries/node-key.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { claimAgain } from "../licenses/claim-again.js";
import { claimLicenses } from "../licenses/claim-licenses.js";
import { registerUsers } from "../licenses/register-users.js";
import { refuseFrozenToken, refuseRemovedToken } from "../tokens/refuse-frozen-token.js";
import { requireOwnToken } from "../tokens/require-own-token.js";
import { readAppStock } from "./app-stock.js";
import { type AssignmentDecision, type AssignmentOutcome, decideAssignment } from "./decide-assignment.js";
import { freeFor } from "./free-for.js";
import { lockProduct } from "./lock-product.js";

/** So many holders one request to Apple takes at least; a request that is too large today is split when it is sent. */
const OPERATION_SIZE = 1_000;

export interface Assignment {
  readonly storeApp: TokenScopedKey;
  /** Distinct; together at most 1,000. */
  readonly deviceIds: readonly string[];
  readonly userIds: readonly string[];
  /** Only says what would come of it. */
  readonly dryRun: boolean;
  readonly actor: string;
}

export interface AssignmentResult {
  readonly kind: "DEVICE" | "USER";
  /** Of the Device or User. */
  readonly holderId: string;
  readonly outcome: AssignmentOutcome;
  /** The licence it holds now; null in a dry run where it would be a new one. */
  readonly licenseId: string | null;
  /** The registration that a person had before; null for a device. */
  readonly appleUserId: string | null;
}

interface Decided extends AssignmentDecision {
  readonly facts: DeviceFacts | UserFacts;
}

/**
 * Gives licences of one app to devices or people without an install: wanted from then on, whatever is installed. Who cannot
 * get one is told why, holder by holder; what is to be claimed is claimed as a whole or not at all. Whoever has no
 * registration is registered; once the invitation was accepted, ask again.
 * @throws AppError NOT_FOUND; CONFLICT (the token is being removed, or an MDM owns it); the token's own code when it may not
 * write; PRECONDITION_FAILED when the product cannot be given to devices; NO_LICENSE_AVAILABLE with the numbers.
 */
export async function assignLicenses(
  tx: EntityManager,
  core: Core,
  assignment: Assignment,
): Promise<{ needed: number; free: number; results: AssignmentResult[] }> {
  const { storeApp } = assignment;
  await requireAssignable(tx, assignment);
  await lockProduct(tx, storeApp);
  const free = freeFor(await readAppStock(tx, core, storeApp), null);
  const decided = (await readFacts(tx, assignment)).map((facts): Decided => ({ facts, ...decideAssignment(facts) }));
  const needed = decided.filter(({ outcome }) => outcome === "GIVEN").length;
  if (needed > free) throw outOfStock(needed, free);
  const claimed = assignment.dryRun ? new Map<string, string>() : await give(tx, core, assignment, decided);
  const results = decided.map(({ facts, outcome, need }) => ({
    kind: facts.kind,
    holderId: facts.id,
    outcome,
    appleUserId: facts.kind === "USER" ? facts.appleUserId : null,
    licenseId: facts.openLicenseId ?? claimed.get(need?.key ?? "") ?? null,
  }));
  return { needed, free, results };
}

async function requireAssignable(tx: EntityManager, { storeApp, deviceIds }: Assignment): Promise<void> {
  const app = await tx.findOneBy(StoreApp, { ...storeApp });
  if (!app) missing(StoreApp, storeApp.id);
  const token = await tx.findOneByOrFail(Token, { id: storeApp.tokenId });
  requireOwnToken(token);
  refuseRemovedToken(token);
  refuseFrozenToken(token);
  if (deviceIds.length === 0 || (app.deviceAssignable && app.productType === ProductType.APP)) return;
  const what = app.productType === ProductType.BOOK ? "A book is" : "Licences of this app are";
  throw new AppError("PRECONDITION_FAILED", `${what} given to people only: name \`users\` instead of \`devices\`.`);
}

async function readFacts(tx: EntityManager, assignment: Assignment): Promise<(DeviceFacts | UserFacts)[]> {
  const { storeApp, deviceIds, userIds } = assignment;
  const devices = await deviceFacts(tx, storeApp, deviceIds);
  const users = await userFacts(tx, storeApp, userIds);
  requireAll(Device, deviceIds, devices);
  requireAll(User, userIds, users);
  return [...devices, ...users];
}

function requireAll(
  node: typeof Device | typeof User,
  ids: readonly string[],
  found: readonly { readonly id: string }[],
): void {
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) missing(node, unknown);
}

/** @returns the new licences, by holder key. */
async function give(
  tx: EntityManager,
  core: Core,
  { storeApp, actor }: Assignment,
  decided: readonly Decided[],
): Promise<Map<string, string>> {
  const joined = decided.flatMap(({ outcome, facts }) =>
    outcome === "ALREADY_HELD" ? (facts.openLicenseId ?? []) : [],
  );
  await markGiven(tx, core, storeApp, joined, actor);
  const claim = { actor, operationSize: OPERATION_SIZE, cause: LicenseCause.MANUAL };
  await claimAgain(tx, core, storeApp, joined, claim);
  const needs = decided.flatMap(({ need }) => need ?? []);
  const licenses = await claimLicenses(tx, core, { storeApp, needs, ...claim });
  if (licenses.size < needs.length) throw outOfStock(needs.length, licenses.size);
  const toRegister = decided.flatMap(({ outcome, facts }) => (outcome === "REGISTRATION_REQUESTED" ? facts.id : []));
  if (toRegister.length > 0) {
    await registerUsers(tx, core, storeApp.tokenId, toRegister, actor, OPERATION_SIZE);
  }
  await addJob(tx, "license-installations", { tokenId: storeApp.tokenId });
  return licenses;
}

async function markGiven(
  tx: EntityManager,
  core: Core,
  { tokenId }: TokenScopedKey,
  licenseIds: readonly string[],
  actor: string,
): Promise<void> {
  const given = await rows(
    tx,
    `UPDATE license SET given_at = $3, given_by = $4
     WHERE token_id = $1 AND id = ANY($2) AND state IN ('${LicenseState.CLAIMING}', '${LicenseState.HELD}')
     RETURNING id`,
    [tokenId, licenseIds, core.clock.now(), actor],
  );
  if (given.length === licenseIds.length) return;
  throw new AppError("CONFLICT", "One of these licences has just been given back. Ask again.");
}

function outOfStock(needed: number, free: number): AppError {
  return new AppError(
    "NO_LICENSE_AVAILABLE",
    `${needed} licences are needed and ${free} are free for this: nothing was given. Buy more, take some back, or name fewer holders.`,
    { needed, free },
  );
}
