import type { AdminService } from "./admin-service.js";
import { quoted } from "./odata.js";
import type { Wish } from "./own-collections.js";
import * as wire from "./wire.js";

/** SMS_ApplicationAssignment's DesiredConfigType. */
const DESIRED: Readonly<Record<Wish, 1 | 2>> = { install: 1, uninstall: 2 };
const SHORT: Readonly<Record<Wish, string>> = { install: "Install", uninstall: "Uninstall" };
const REQUIRED = 0;

/** What the site deploys to a collection of ours; the newest first. There should be one. */
export async function findDeployments(
  service: AdminService,
  collectionId: string,
  modelId: number,
  signal: AbortSignal,
): Promise<wire.Assignment[]> {
  const filter = `TargetCollectionID eq ${quoted(collectionId)} and AppModelID eq ${modelId}`;
  const found = await service.list("SMS_ApplicationAssignment", wire.assignment, { filter }, signal);
  return [...found].sort((a, b) => b.AssignmentID - a.AssignmentID);
}

/** Required installs of the application by others: they win against an uninstall. */
export async function findForeignInstalls(
  service: AdminService,
  ownCollectionId: string | null,
  modelId: number,
  signal: AbortSignal,
): Promise<wire.Assignment[]> {
  const filter = `AppModelID eq ${modelId} and DesiredConfigType eq ${DESIRED.install}`;
  const found = await service.list("SMS_ApplicationAssignment", wire.assignment, { filter }, signal);
  return found.filter(
    (one) => one.TargetCollectionID !== ownCollectionId && one.OfferTypeID === REQUIRED && one.Enabled !== false,
  );
}

/** Whether a deployment is as we make it: somebody may have changed it. */
export function isAsWished({ DesiredConfigType, OfferTypeID, Enabled }: wire.Assignment, wish: Wish): boolean {
  return DesiredConfigType === DESIRED[wish] && OfferTypeID === REQUIRED && Enabled !== false;
}

/** There is no changing of one: it is deleted, and another one made. */
export async function deleteDeployment(
  service: AdminService,
  { AssignmentID }: wire.Assignment,
  signal: AbortSignal,
): Promise<void> {
  await service.delete("SMS_ApplicationAssignment", String(AssignmentID), signal);
}

export async function createDeployment(
  service: AdminService,
  application: wire.Application,
  collectionId: string,
  wish: Wish,
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const made = await service.create(
    "SMS_ApplicationAssignment",
    wire.assignment.pick({ AssignmentID: true }),
    {
      AssignmentName: `${application.LocalizedDisplayName ?? application.ModelName}_${collectionId}_${SHORT[wish]}`,
      AssignmentDescription: "Made by Allotment for a collection of its own.",
      AssignedCIs: [application.CI_ID],
      AssignmentAction: 2,
      AssignmentType: 2,
      DesiredConfigType: DESIRED[wish],
      OfferTypeID: REQUIRED,
      OfferFlags: 0,
      TargetCollectionID: collectionId,
      StartTime: at,
      EnforcementDeadline: at,
      UseGMTTimes: true,
      Enabled: true,
      NotifyUser: false,
      UserUIExperience: false,
      OverrideServiceWindows: true,
      RebootOutsideOfServiceWindows: false,
      RequireApproval: false,
      WoLEnabled: false,
      SoftDeadlineEnabled: false,
      LogComplianceToWinEvent: false,
      RaiseMomAlertsOnFailure: false,
      DisableMomAlerts: true,
      Priority: 1,
      SuppressReboot: 0,
      StateMessagePriority: 5,
    },
    signal,
  );
  return made.AssignmentID;
}

/** What devices have reported of a deployment; none of those that have not yet. */
export async function readDetails(
  service: AdminService,
  { AssignmentID }: wire.Assignment,
  signal: AbortSignal,
): Promise<wire.AssetDetails[]> {
  const query = {
    filter: `AssignmentID eq ${AssignmentID}`,
    select: ["MachineID", "StatusType", "AppStatusType", "EnforcementState"],
  };
  return service.list("SMS_AppDeploymentAssetDetails", wire.assetDetails, query, signal);
}
