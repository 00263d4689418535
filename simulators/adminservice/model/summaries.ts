import type { Row } from "../odata/filter.js";
import type { Assignment } from "./records.js";
import { statusTypeOf } from "./reports.js";
import type { Site } from "./site.js";

interface Summary {
  readonly at: Date;
  readonly row: Row;
}

/** Counts of deployments, which are made now and then and are old in between. */
export class Summaries {
  readonly #made = new Map<number, Summary>();

  constructor(private readonly site: Site) {}

  of(assignment: Assignment): Row {
    const made = this.#made.get(assignment.AssignmentID);
    const isOld = made === undefined || made.at.getTime() + this.site.switches.summarizationMs < Date.now();
    return isOld ? this.make(assignment) : made.row;
  }

  make(assignment: Assignment): Row {
    const at = new Date();
    const reports = this.site.reports.rows().filter((report) => report.assignment === assignment);
    const count = (type: number) => reports.filter(({ code }) => statusTypeOf(code) === type).length;
    const row = {
      DeploymentID: assignment.AssignmentUniqueID,
      AssignmentID: assignment.AssignmentID,
      CI_ID: assignment.application.CI_ID,
      CollectionID: assignment.collectionId,
      CollectionName: this.site.collections.rows.get(assignment.collectionId)?.name ?? "",
      DeploymentIntent: 1,
      DesiredConfigType: assignment.desired,
      FeatureType: 1,
      ObjectTypeID: 200,
      NumberTargeted: this.site.policy.targetsOf(assignment).size,
      NumberSuccess: count(1),
      NumberInProgress: count(2),
      NumberOther: count(3),
      NumberUnknown: count(4),
      NumberErrors: count(5),
      SummarizationTime: at.toISOString(),
    };
    this.#made.set(assignment.AssignmentID, { at, row });
    return row;
  }
}
