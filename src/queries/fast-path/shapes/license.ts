import { AppleOperation, AppleOperationHolder } from "../../../entities/apple-operation.js";
import { AppleUser } from "../../../entities/apple-user.js";
import { Deployment } from "../../../entities/deployment.js";
import { Device } from "../../../entities/device.js";
import { License } from "../../../entities/license.js";
import { StoreApp } from "../../../entities/store-app.js";
import { Token } from "../../../entities/token.js";
import { User } from "../../../entities/user.js";
import { byAppleUser, byDevice, byOperation, byUser } from "../../columns.js";
import { deviceList } from "../../lists/devices.js";
import { installationList } from "../../lists/installations.js";
import { licenseList } from "../../lists/licenses.js";
import { operationHolderList } from "../../lists/operation-holders.js";
import { related } from "../connection-json.js";
import { manyOf, one, oneIf, oneWhere, same, value } from "../objects.js";
import type { Place, Shape } from "../shape.js";
import type { Sql } from "../template.js";

/** In a row of `licenseEventList`, by whether it tells of the start or the end. */
const byStep = (row: string, start: string, end: string) =>
  `CASE ${row}.step WHEN 0 THEN ${row}.${start} ELSE ${row}.${end} END`;

/** Licences, their history, and who may hold them. */
export const licenseShapes: Readonly<Record<string, Shape>> = {
  License: {
    entity: License,
    fields: {
      appleUser: one(AppleUser, "token_id", "apple_user_id"),
      device: one(Device, "device_id"),
      endDeployment: oneIf((row) => `${row}.end_cause = 'DEPLOYMENT'`, Deployment, "token_id", "last_deployment_id"),
      endOperation: one(AppleOperation, "token_id", "end_operation_id"),
      startDeployment: one(Deployment, "token_id", "start_deployment_id"),
      startOperation: one(AppleOperation, "token_id", "start_operation_id"),
      storeApp: one(StoreApp, "token_id", "store_app_id"),
      user: oneWhere(User, (place) => [personOf(place)]),
    },
  },
  LicenseEvent: {
    fields: {
      actor: value((row) => `COALESCE(${byStep(row, "start_actor", "end_actor")}, '')`),
      at: value((row) => `${row}.at`),
      cause: value((row) => `${row}.cause`),
      deployment: oneWhere(
        Deployment,
        ({ row }) => [[`${row}.token_id`], [byStep(row, "start_deployment_id", "last_deployment_id")]],
        ({ row }) => `${row}.cause = 'DEPLOYMENT'`,
      ),
      kind: value((row) => `CASE ${row}.step WHEN 0 THEN 'STARTED' ELSE 'ENDED' END`),
      leftOutSince: value(() => "NULL::timestamptz"),
      license: same,
      operation: oneWhere(AppleOperation, ({ row }) => [
        [`${row}.token_id`],
        [byStep(row, "start_operation_id", "end_operation_id")],
      ]),
    },
  },
  LeakedLicense: { fields: { license: same, reclaim: same, reason: value((row) => `${row}.leak_reason`) } },
  ReclaimCandidate: { fields: { license: same, reclaim: same, reasons: value((row) => `${row}.reclaim_reasons`) } },
  AppleOperation: {
    entity: AppleOperation,
    fields: {
      holders: related(operationHolderList, byOperation),
      storeApp: one(StoreApp, "token_id", "store_app_id"),
      token: one(Token, "token_id"),
    },
  },
  AppleOperationHolder: {
    entity: AppleOperationHolder,
    fields: {
      appleUser: one(AppleUser, "token_id", "apple_user_id"),
      license: one(License, "token_id", "license_id"),
    },
  },
  AppleUser: {
    entity: AppleUser,
    fields: {
      licenses: related(licenseList, byAppleUser),
      token: one(Token, "token_id"),
      user: one(User, "user_id"),
    },
  },
  Device: {
    entity: Device,
    fields: {
      installations: related(installationList, byDevice),
      licenses: related(licenseList, byDevice),
      user: one(User, "user_id"),
    },
  },
  User: {
    entity: User,
    fields: {
      appleUsers: manyOf(AppleUser, "user_id", "token_id", "id"),
      devices: related(deviceList, byUser),
    },
  },
};

/** SQL for the id of the person whose registration holds a licence, as far as the caller sees that. */
function personOf({ compilation, row }: Place): Sql {
  const alias = compilation.newAlias();
  return [
    `(SELECT ${alias}.user_id FROM ${compilation.tableOf(AppleUser)} AS ${alias}
      WHERE ${alias}.token_id = ${row}.token_id AND ${alias}.id = ${row}.apple_user_id`,
    ...compilation.inScope(AppleUser, alias),
    ")",
  ];
}
