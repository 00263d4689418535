import type { EntityManager } from "typeorm";
import { StoreApp } from "../../entities/store-app.js";
import { LicenseAuthority, Target } from "../../entities/target.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import type { TokenScopedKey } from "../core.js";

/**
 * A StoreApp, its Token and a Target that may have it.
 * @throws AppError NOT_FOUND; PRECONDITION_FAILED when the two would have two writers of one location's licences.
 */
export async function requireAppAtTarget(
  tx: EntityManager,
  { storeApp, targetId }: { readonly storeApp: TokenScopedKey; readonly targetId: string },
): Promise<{ app: StoreApp; target: Target; token: Token }> {
  const app = await tx.findOneBy(StoreApp, storeApp);
  if (!app) throw new AppError("NOT_FOUND", "There is no such store app. Use an id that `storeApps` returned.");
  const target = await tx.findOneBy(Target, { id: targetId });
  if (!target) throw new AppError("NOT_FOUND", "There is no such target. Use an id that `targets` returned.");
  const token = await tx.findOneByOrFail(Token, { id: storeApp.tokenId });
  refuseTwoWriters(token, target);
  return { app, target, token };
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
