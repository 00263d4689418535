import { randomUUID } from "node:crypto";
import { Alert } from "../../../src/entities/alert.js";
import { AlertRule, AlertRuleKind } from "../../../src/entities/alert-rule.js";
import type { AppleOperation } from "../../../src/entities/apple-operation.js";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { HolderKind, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import type { Node } from "../../../src/entities/node.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";

/** Everything there can be of a team: every text that is its own holds its name, every object is in `objects`. */
export interface PlantedTeam {
  readonly name: string;
  /** By the names under which inputs ask for them. */
  readonly objects: Readonly<Record<string, Node>>;
  /** Drifts have ids, and are no objects. */
  readonly drift: string;
  readonly serial: string;
}

export async function plantTeam(api: SampleApi, name: string): Promise<PlantedTeam> {
  const { rows, dataSource } = api;
  const own = (text: string) => `${name} ${text}`;
  const token = await rows.token({ name: own("token"), teams: [name], description: own("words") });
  const storeApp = await rows.storeApp(token, { name: own("app") });
  const target = await rows.target({ name: own("target"), teams: [name] });
  const user = await rows.user({ displayName: own("person"), principalName: `${name}@example.com`.toLowerCase() });
  const serial = `${name}SERIAL`.toUpperCase();
  const device = await rows.device({ name: own("device"), serial, userId: user.id });
  const collection = await rows.collection({ name: own("collection"), teams: [name] });
  await rows.member(collection, device);
  const appleUser = await rows.appleUser(token, { userId: user.id, clientUserId: own("client"), email: own("email") });
  const held = { deviceId: device.id, holderKey: serial, startActor: own("actor") };
  const license = await rows.license(storeApp, held);
  await rows.license(storeApp, {
    ...held,
    ...{ state: LicenseState.ENDED, endedAt: MOMENT, endCause: LicenseCause.SYNC, endActor: own("ender") },
  });
  await rows.license(storeApp, { holderKind: HolderKind.USER, holderKey: own("client"), appleUserId: appleUser.id });
  const deployment = await rows.deployment(storeApp, target, collection);
  const installation = await rows.installation(deployment, {
    ...{ deviceId: device.id, userId: user.id, licenseId: license.id },
    ...{ state: InstallationState.FAILED, reason: InstallationReason.REFUSED_BY_TARGET, detail: own("detail") },
  });
  const reservation = await rows.reservation(storeApp, collection);
  const syncRun = await rows.syncRun(token, { error: own("error") });
  const stockChange = await rows.stockChange(storeApp);
  const appleOperation = await rows.appleOperation(storeApp, { lastError: own("refusal") });
  const alert = await rows.mismatch(storeApp, { tokenId: token.id, message: own("alert") });
  const ofTarget = { subject: target.globalId, message: own("target's alert"), tokenId: null };
  const targetAlert = await dataSource.manager.save(
    Object.assign(new Alert(), { ...alert, id: randomUUID(), ...ofTarget }),
  );
  const alertRule = await dataSource.manager.save(
    Object.assign(new AlertRule(), {
      ...{ id: randomUUID(), kind: AlertRuleKind.LOW_STOCK, tokenId: token.id, storeAppId: storeApp.id, below: 5 },
      ...{ muted: false, setAt: MOMENT, setBy: own("setter") },
    }),
  );
  await addHolder(api, appleOperation, own("holder"), license.id);
  const objects = {
    ...{ token, storeApp, target, user, device, collection, appleUser, license, deployment, installation, reservation },
    ...{ syncRun, stockChange, appleOperation, alert, targetAlert, alertRule },
  };
  return { name, objects, drift: encodeGlobalId("LicenseDrift/UNKNOWN_HERE", token.id, license.id), serial };
}

async function addHolder(api: SampleApi, operation: AppleOperation, key: string, licenseId: string): Promise<void> {
  await api.dataSource.query(
    `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, license_id, outcome)
     VALUES ($1, $2, 'DEVICE', $3, $4, 'OPEN')`,
    [operation.tokenId, operation.id, key, licenseId],
  );
}
