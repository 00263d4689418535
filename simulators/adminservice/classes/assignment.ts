import type { Assignment } from "../model/records.js";
import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";
import { ODataError } from "../odata/odata-error.js";
import type { WmiClass } from "./wmi-class.js";

export const assignmentClass: WmiClass = {
  name: "SMS_ApplicationAssignment",
  key: { name: "AssignmentID", type: "number" },
  lazy: ["AdditionalProperties"],
  rows: (site) => [...site.assignments.rows.values()].map((assignment) => rowOf(site, assignment)),
  create: (site, body) => rowOf(site, site.assignments.create(body)),
  delete: (site, key) => {
    const assignment = site.assignments.rows.get(Number(key));
    if (assignment === undefined) throw new ODataError(404, `No SMS_ApplicationAssignment has the key '${key}'.`);
    site.assignments.delete(assignment);
  },
};

function rowOf(site: Site, assignment: Assignment): Row {
  const { AssignmentID, AssignmentUniqueID, application, collectionId, given, createdAt } = assignment;
  return {
    "@odata.etag": String(AssignmentID),
    AdditionalProperties: "",
    ...given,
    AssignmentID,
    AssignmentUniqueID,
    ApplicationName: application.title,
    AppModelID: application.ModelID,
    CollectionName: site.collections.rows.get(collectionId)?.name ?? "",
    TargetCollectionID: collectionId,
    ContainsExpiredUpdates: false,
    SourceSite: site.code,
    CreationTime: createdAt.toISOString(),
    LastModificationTime: createdAt.toISOString(),
  };
}
