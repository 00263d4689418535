import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { Token, WRITABLE_HEALTH } from "../../entities/token.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import { describeErrorNumber } from "../apple/error-numbers.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { clearAlerts, raiseNewAlerts } from "../raise-alerts.js";
import { mayWrite } from "./claim/may-write.js";
import { holdsFile } from "./holds-file.js";
import { recordRefusal } from "./record-refusal.js";
import { subscriptionStands, type WantedSubscription, wantedSubscription } from "./subscription.js";
import { accessToken } from "./token-access.js";

/** Apple is asked again after it could not be reached. */
const RETRY_MS = 5 * 60_000;

/** An address that Apple refuses may be mended on the way to us, where nobody sees it here. */
const REFUSED_RETRY_MS = 60 * 60_000;

/**
 * Has Apple notify us of a token's changes, if a PUBLIC_URL says where and the token may write. Apple's refusal of the
 * address is told the admin; nothing else depends on it, since Apple is asked all the same.
 */
export async function subscribeNotifications(core: Core, { tokenId }: Jobs["subscribe-notifications"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  const wanted = wantedSubscription(core, tokenId);
  if (!token || !wanted || !WRITABLE_HEALTH.includes(token.health.state)) return;
  const access = await accessToken(core, tokenId);
  if (!access) return;
  try {
    if (await subscribe(core, access, wanted)) await clearAlerts(core.dataSource.manager, core, OFF, [subject(token)]);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    if ((await recordRefusal(core, access, error)) === "none") await afterRefusal(core, access, token, error);
  }
}

/**
 * Sends our claim along as Apple shows it: a server that replaced instead of merged would lose it otherwise.
 * @returns false when the location is not ours, whose claim must not be written over.
 */
async function subscribe(core: Core, access: AppleAccess, wanted: WantedSubscription): Promise<boolean> {
  const config = await core.apple.clientConfig(access);
  if (config.mdmInfo === null || !(await mayWrite(core, access))) return false;
  if (!subscriptionStands(config, wanted)) await core.apple.subscribe(access, { mdmInfo: config.mdmInfo, ...wanted });
  return true;
}

/** Of a token that was removed meanwhile nobody is told, and one that was renewed subscribes when it is verified. */
async function afterRefusal(core: Core, access: AppleAccess, token: Token, error: AppleError): Promise<void> {
  core.log.warn({ tokenId: token.id, error: error.message }, "Apple has not accepted the address for notifications");
  await core.dataSource.transaction(async (tx) => {
    if (!(await holdsFile(tx, access))) return;
    const refused = error.kind === "permanent";
    if (refused) await raiseNewAlerts(tx, core, OFF, [{ subject: subject(token), message: explain(token, error) }]);
    const pauseMs = Math.max(core.clock.scaled(refused ? REFUSED_RETRY_MS : RETRY_MS), error.retryAfterMs ?? 0);
    const at = new Date(core.clock.now().getTime() + pauseMs);
    await addJob(tx, "subscribe-notifications", { tokenId: token.id }, at);
  });
}

const OFF = AlertKind.NOTIFICATIONS_OFF;

function subject(token: Token): string {
  return encodeGlobalId("Token", token.id);
}

function explain(token: Token, error: AppleError): string {
  const { errorNumber, message } = error;
  const known = errorNumber === null ? null : describeErrorNumber(errorNumber);
  return [
    `Apple does not notify us of changes to the token "${token.name}", which are therefore seen up to one synchronisation later.`,
    ...(known ? [known.detail, known.remedy] : [message]),
    "It is tried again each hour.",
  ].join(" ");
}
