import { randomUUID } from "node:crypto";
import { ODataError } from "../odata/odata-error.js";
import type { Assignment } from "./records.js";
import type { Site } from "./site.js";

const FIRST_ID = 16_777_300;

/** Deployments of applications to collections. */
export class Assignments {
  readonly rows = new Map<number, Assignment>();
  #made = 0;

  constructor(private readonly site: Site) {}

  /** @throws ODataError 400 for what cannot be deployed. */
  create(given: Readonly<Record<string, unknown>>): Assignment {
    const { AssignedCIs, TargetCollectionID, DesiredConfigType, OfferTypeID, AssignmentUniqueID } = given;
    const [ci] = Array.isArray(AssignedCIs) ? AssignedCIs : [];
    const application = this.site.applications.rows.find(({ CI_ID }) => CI_ID === ci);
    const collection = this.site.collections.rows.get(String(TargetCollectionID));
    if (application === undefined) throw new ODataError(400, "AssignedCIs names no application.");
    if (collection === undefined) throw new ODataError(400, "TargetCollectionID names no collection.");
    if (given.AssignmentType !== 2) throw new ODataError(400, "AssignmentType of an application is 2.");
    if (DesiredConfigType !== 1 && DesiredConfigType !== 2)
      throw new ODataError(400, "DesiredConfigType must be 1 or 2.");
    if (OfferTypeID !== 0 && OfferTypeID !== 2) throw new ODataError(400, "OfferTypeID must be 0 or 2.");
    const times = [given.StartTime, ...(OfferTypeID === 0 ? [given.EnforcementDeadline] : [])];
    if (!times.every((time) => typeof time === "string" && !Number.isNaN(Date.parse(time)))) {
      throw new ODataError(400, "A required deployment has a StartTime and an EnforcementDeadline.");
    }
    this.#made += 1;
    const assignment: Assignment = {
      AssignmentID: FIRST_ID + this.#made,
      AssignmentUniqueID: typeof AssignmentUniqueID === "string" ? AssignmentUniqueID : `{${randomUUID()}}`,
      application,
      collectionId: collection.CollectionID,
      desired: DesiredConfigType,
      offer: OfferTypeID,
      enabled: given.Enabled !== false,
      given,
      createdAt: new Date(),
    };
    this.rows.set(assignment.AssignmentID, assignment);
    this.site.policy.assignmentsChanged(assignment);
    return assignment;
  }

  delete(assignment: Assignment): void {
    this.rows.delete(assignment.AssignmentID);
    this.site.reports.forget(assignment);
    this.site.policy.assignmentsChanged(assignment);
  }
}
