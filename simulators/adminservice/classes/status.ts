import type { Assignment } from "../model/records.js";
import { statusTypeOf } from "../model/reports.js";
import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";
import { ODataError } from "../odata/odata-error.js";
import type { WmiClass } from "./wmi-class.js";

/** A row a device and deployment. */
export const assetDetailsClass: WmiClass = {
  name: "SMS_AppDeploymentAssetDetails",
  key: null,
  lazy: [],
  rows: (site) =>
    site.reports.rows().map(({ assignment, system, code }): Row => {
      const { application } = assignment;
      const isInstalled = system.installed.has(application.adamId);
      return {
        AppCI: application.CI_ID,
        AppName: application.title,
        AppStatusType: statusTypeOf(code),
        AssignmentID: assignment.AssignmentID,
        AssignmentUniqueID: assignment.AssignmentUniqueID,
        CollectionID: assignment.collectionId,
        CollectionName: site.collections.rows.get(assignment.collectionId)?.name ?? "",
        ComplianceState: code < 2000 ? 1 : 2,
        DeploymentIntent: assignment.offer === 0 ? 1 : 2,
        DTCI: application.CI_ID + 1_000_000,
        DTModelID: application.ModelID + 1_000_000,
        DTName: "App Store",
        EnforcementState: code,
        ExtendedInfoID: 0,
        InstalledState: isInstalled ? 2 : 1,
        IsMachineAssignedToUser: system.userId !== null,
        MachineID: system.ResourceID,
        MachineName: system.name,
        Revision: application.version,
        StartTime: String(assignment.given.StartTime),
        StatusType: statusTypeOf(code),
        Technology: "iOSDeepLink",
        UserName: "",
      };
    }),
};

/** Counts, as old as their SummarizationTime. */
export const summaryClass: WmiClass = {
  name: "SMS_DeploymentSummary",
  key: { name: "DeploymentID", type: "string" },
  lazy: [],
  rows: (site) => [...site.assignments.rows.values()].map((assignment) => site.summaries.of(assignment)),
  methods: {
    updatedeployment: (site, key) => {
      site.summaries.make(required(site, String(key)));
      return { ReturnValue: 0 };
    },
  },
};

function required(site: Site, key: string): Assignment {
  const found = [...site.assignments.rows.values()].find(({ AssignmentUniqueID }) => AssignmentUniqueID === key);
  if (found === undefined) throw new ODataError(404, `No SMS_DeploymentSummary has the key '${key}'.`);
  return found;
}
