import { AppleOperation } from "../../../entities/apple-operation.js";
import { AppleUser } from "../../../entities/apple-user.js";
import { Application } from "../../../entities/application.js";
import { Collection } from "../../../entities/collection.js";
import { Deployment } from "../../../entities/deployment.js";
import { DeploymentPlan } from "../../../entities/deployment-plan.js";
import { Device } from "../../../entities/device.js";
import { Installation } from "../../../entities/installation.js";
import { License } from "../../../entities/license.js";
import { Reservation } from "../../../entities/reservation.js";
import { StoreApp } from "../../../entities/store-app.js";
import { SyncRun } from "../../../entities/sync-run.js";
import { Target } from "../../../entities/target.js";
import { Token } from "../../../entities/token.js";
import { User } from "../../../entities/user.js";
import { alertRuleList } from "../../lists/alert-rules.js";
import { alertList } from "../../lists/alerts.js";
import { apiKeyList } from "../../lists/api-keys.js";
import { appleOperationList } from "../../lists/apple-operations.js";
import { appleUserList } from "../../lists/apple-users.js";
import { applicationList } from "../../lists/applications.js";
import { auditEventList } from "../../lists/audit-events.js";
import { collectionList } from "../../lists/collections.js";
import { deploymentList } from "../../lists/deployments.js";
import { deviceList } from "../../lists/devices.js";
import { installationList } from "../../lists/installations.js";
import { leakedLicenseList } from "../../lists/leaked-licenses.js";
import { licenseEventList } from "../../lists/license-events.js";
import { licenseList } from "../../lists/licenses.js";
import { reservationList } from "../../lists/reservations.js";
import { stockChangeList } from "../../lists/stock-changes.js";
import { storeAppList } from "../../lists/store-apps.js";
import { syncRunList } from "../../lists/sync-runs.js";
import { targetList } from "../../lists/targets.js";
import { tokenList } from "../../lists/tokens.js";
import { userList } from "../../lists/users.js";
import { webhookEndpointList } from "../../lists/webhook-endpoints.js";
import { page } from "../connection-json.js";
import { byId, untold } from "../objects.js";
import type { Shape } from "../shape.js";
import { licenseHistory } from "./history.js";
import { licenseReport } from "./license-report.js";
import { licensesAt } from "./licenses-at.js";
import { node, nodes } from "./node.js";
import { plugin, plugins } from "./plugins.js";
import { reclaimCandidates } from "./reclaim-candidates.js";

/** What a query begins with. */
export const queryShape: Shape = {
  fields: {
    alertRules: page(alertRuleList),
    alerts: page(alertList),
    apiKeys: page(apiKeyList),
    appleOperation: byId(AppleOperation),
    appleOperations: page(appleOperationList),
    appleUser: byId(AppleUser),
    appleUsers: page(appleUserList),
    application: byId(Application),
    applications: page(applicationList),
    auditEvents: page(auditEventList),
    collection: byId(Collection),
    collections: page(collectionList),
    deployment: byId(Deployment),
    deploymentPlan: byId(DeploymentPlan),
    deployments: page(deploymentList),
    device: byId(Device),
    devices: page(deviceList),
    explainInstallation: untold,
    installation: byId(Installation),
    installations: page(installationList),
    leakedLicenses: page(leakedLicenseList),
    license: byId(License),
    licenseDrift: untold,
    licenseEvents: page(licenseEventList),
    licenseReport,
    licenseHistory,
    licenses: page(licenseList),
    licensesAt,
    node,
    nodes,
    plugin,
    plugins,
    reclaimCandidates,
    reservation: byId(Reservation),
    reservations: page(reservationList),
    stockChanges: page(stockChangeList),
    storeApp: byId(StoreApp),
    storeApps: page(storeAppList),
    syncRun: byId(SyncRun),
    syncRuns: page(syncRunList),
    target: byId(Target),
    targets: page(targetList),
    token: byId(Token),
    tokens: page(tokenList),
    user: byId(User),
    users: page(userList),
    webhookEndpoints: page(webhookEndpointList),
  },
};
