import { apnsFinding } from "../../../entities/apns-finding.js";
import type { Collection } from "../../../entities/collection.js";
import { DeploymentAction } from "../../../entities/deployment.js";
import { type PlanWarning, PlanWarningCode } from "../../../entities/deployment-plan.js";
import type { StoreApp } from "../../../entities/store-app.js";
import type { Target } from "../../../entities/target.js";
import { type Token, TokenAuthority, TokenHealthState } from "../../../entities/token.js";
import type { Policy } from "../../core.js";
import { expiryLevel } from "../../tokens/expiry-level.js";

/** A deployment, planned or made; null is what whoever asks does not see. */
export interface Warned {
  readonly action: DeploymentAction;
  readonly app: StoreApp;
  readonly token: Token;
  readonly target: Target | null;
  readonly collection: Collection | null;
}

/**
 * What an admin should know of a deployment, the worst first.
 * @param licensesMissing what was planned; null where nothing was, and so nothing is said of stock
 */
export function planWarnings(
  { action, app, collection, target, token }: Warned,
  licensesMissing: number | null,
  now: Date,
  policy: Policy,
): PlanWarning[] {
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const warnings: (PlanWarning | false | null)[] = [
    licensesMissing !== null &&
      target !== null &&
      token.authority === TokenAuthority.TARGET && {
        code: PlanWarningCode.PREDICTED,
        message: `"${target.name}" gives out the licences itself: it may decide otherwise than this plan.`,
      },
    !app.revocable && {
      code: PlanWarningCode.IRREVOCABLE,
      message:
        action === DeploymentAction.INSTALL
          ? "Apple takes back no licence of this app: whoever gets one keeps it, also after the app is removed."
          : "Apple takes back no licence of this app: the devices lose the app, and their licences stay with them.",
    },
    licensesMissing !== null &&
      licensesMissing > 0 && {
        code: PlanWarningCode.OUT_OF_STOCK,
        message: `${licensesMissing} licences are missing: some members wait until more were bought, returned or released.`,
      },
    app.unlistedAt !== null && {
      code: PlanWarningCode.APP_UNLISTED,
      message: `Since ${day(app.unlistedAt)} Apple no longer lists the app for this token: none of its licences can be claimed.`,
    },
    token.authority === TokenAuthority.SERVICE &&
      token.health.state === TokenHealthState.UNVERIFIED && {
        code: PlanWarningCode.TOKEN_UNVERIFIED,
        message: "Apple has not confirmed the token yet: nothing is claimed or returned before that.",
      },
    token.expiresAt !== null &&
      expiryLevel(token.expiresAt, now, policy.expiryWarningDays) !== null && {
        code: PlanWarningCode.TOKEN_EXPIRES,
        message: `The token ${token.expiresAt <= now ? "expired" : "expires"} on ${day(token.expiresAt)}: renew it, or no licence is given or returned from then on.`,
      },
    target?.apnsExpiresAt != null &&
      apnsFinding(target, now)?.severity === "warning" && {
        code: PlanWarningCode.APNS_EXPIRES,
        message: `The Apple Push certificate of "${target.name}" expires on ${day(target.apnsExpiresAt)}: renew it there with the same Apple Account, or no device hears anything from then on.`,
      },
    ...heldBack(collection?.shrinkHeldAt, "members", "updateCollection"),
    ...heldBack(target?.shrinkHeldAt, "people or devices", "importHolders"),
  ];
  return warnings.filter((warning) => warning !== null && warning !== false);
}

function heldBack(since: Date | null | undefined, whom: string, confirm: string): PlanWarning[] {
  if (since == null) return [];
  const message = `A listing that would take many ${whom} away is held back: some may have left. Run \`${confirm}\` with \`confirmShrink\` if so.`;
  return [{ code: PlanWarningCode.MEMBERS_HELD_BACK, message }];
}
