import type { EntityManager } from "typeorm";
import { StoreApp } from "../../entities/store-app.js";
import { LicenseAuthority, Target } from "../../entities/target.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";

/**
 * Asks for a StoreApp's object at a Target; the job `prepare-applications` makes it there. Asked again, it is the same one.
 * @returns the Application's id.
 * @throws AppError NOT_FOUND; PRECONDITION_FAILED when the two would have two writers of one location's licences.
 */
export async function createApplication(
  tx: EntityManager,
  core: Core,
  wanted: { storeApp: TokenScopedKey; targetId: string },
): Promise<string> {
  const { storeApp, targetId } = wanted;
  const app = await tx.findOneBy(StoreApp, storeApp);
  if (!app) throw new AppError("NOT_FOUND", "There is no such store app. Use an id that `storeApps` returned.");
  const target = await tx.findOneBy(Target, { id: targetId });
  if (!target) throw new AppError("NOT_FOUND", "There is no such target. Use an id that `targets` returned.");
  const token = await tx.findOneByOrFail(Token, { id: storeApp.tokenId });
  refuseTwoWriters(token, target);
  const created = await row<{ id: string }>(
    tx,
    `INSERT INTO application (token_id, store_app_id, target_id, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (token_id, store_app_id, target_id) DO UPDATE SET last_error = NULL RETURNING id`,
    [storeApp.tokenId, storeApp.id, targetId, core.clock.now()],
  );
  if (!created) throw new Error("An inserted application has no id");
  await addJob(tx, "prepare-applications", { targetId });
  return created.id;
}

/** Two licence authorities must never work one Apple location (reference: mdm-targets 0.1). */
function refuseTwoWriters(token: Token, target: Target): void {
  const ours = token.authority === TokenAuthority.SERVICE && target.licenseAuthority === LicenseAuthority.SERVICE;
  const theirs = token.authority === TokenAuthority.TARGET && token.targetId === target.id;
  if (ours || theirs) return;
  throw new AppError(
    "PRECONDITION_FAILED",
    target.licenseAuthority === LicenseAuthority.TARGET
      ? `"${target.name}" claims licences with tokens of its own. Deploy an app of one of its tokens there.`
      : `The token "${token.name}" belongs to another MDM. Deploy its apps there, or add a token of your own.`,
    { tokenAuthority: token.authority, targetLicenseAuthority: target.licenseAuthority },
  );
}
