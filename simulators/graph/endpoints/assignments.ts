import type { Assignment, AssignmentTarget, Intent, MobileApp } from "../model.js";
import { type Answer, json, noContent } from "../protocol/answer.js";
import { badRequest, notFound } from "../protocol/graph-error.js";
import type { GraphRequest, Version } from "../protocol/graph-request.js";
import { listAnswer } from "../protocol/list-answer.js";
import type { World } from "../world.js";
import { requireApp } from "./mobile-apps.js";

const INTENTS: readonly Intent[] = ["available", "required", "uninstall", "availableWithoutEnrollment"];
const TARGETS =
  /^#microsoft\.graph\.(groupAssignmentTarget|exclusionGroupAssignmentTarget|allDevicesAssignmentTarget|allLicensedUsersAssignmentTarget)$/;

export function listAssignments(request: GraphRequest): Answer {
  const {
    world,
    version,
    parts: [id = ""],
  } = request;
  return listAnswer(
    request,
    requireApp(world, id, version).assignments.map((assignment) => row(assignment, version)),
  );
}

/** One more; the same target again is refused, whatever the intent. */
export function addAssignment({ world, version, parts: [id = ""], body }: GraphRequest): Answer {
  const app = requireApp(world, id, version);
  const given = readAssignment(world, app, body);
  const known = app.assignments.find(({ target }) => sameTarget(target, given.target));
  if (known) {
    throw badRequest(`The MobileApp Assignment already exists. AppId: ${app.id}, AssignmentId: ${known.id}`);
  }
  app.assignments.push(given);
  world.changed();
  return json(row(given, version), 201);
}

/** The target of an assignment stays as it is. */
export function changeAssignment({ world, version, parts: [id = "", assignmentId = ""], body }: GraphRequest): Answer {
  const app = requireApp(world, id, version);
  const known = app.assignments.find((assignment) => assignment.id === assignmentId);
  if (!known) throw notFound(`The assignment '${assignmentId}'`);
  const next = readAssignment(world, app, {
    target: known.target,
    intent: known.intent,
    settings: known.settings,
    ...(body as object),
  });
  if (!sameTarget(next.target, known.target)) throw badRequest("The target of an assignment cannot be changed.");
  app.assignments = app.assignments.map((assignment) =>
    assignment === known ? { ...next, id: known.id } : assignment,
  );
  world.changed();
  return json(row({ ...next, id: known.id }, version));
}

export function removeAssignment({ world, version, parts: [id = "", assignmentId = ""] }: GraphRequest): Answer {
  const app = requireApp(world, id, version);
  if (!app.assignments.some((assignment) => assignment.id === assignmentId))
    throw notFound(`The assignment '${assignmentId}'`);
  app.assignments = app.assignments.filter((assignment) => assignment.id !== assignmentId);
  world.changed();
  return noContent();
}

/** The whole list is replaced, whoever made what was in it. */
export function replaceAssignments({ world, version, parts: [id = ""], body }: GraphRequest): Answer {
  const app = requireApp(world, id, version);
  const given = (body as { mobileAppAssignments?: unknown } | undefined)?.mobileAppAssignments;
  if (!Array.isArray(given)) throw badRequest("mobileAppAssignments must be a list.");
  app.assignments = given.map((assignment) => readAssignment(world, app, assignment));
  world.changed();
  return world.switches.assignStatus === 204 ? noContent() : json({});
}

/** A group, as somebody else's assignment has it; for those that are there from the start. */
export function groupTarget(groupId: string): AssignmentTarget {
  return {
    "@odata.type": "#microsoft.graph.groupAssignmentTarget",
    groupId,
    deviceAndAppManagementAssignmentFilterId: null,
    deviceAndAppManagementAssignmentFilterType: "none",
  };
}

export function assignmentId(target: AssignmentTarget, intent: Intent): string {
  return `${target.groupId ?? "adadadad-808e-44e2-905a-0b7873a8a531"}_${INTENTS.indexOf(intent)}_0`;
}

function readAssignment(world: World, app: MobileApp, body: unknown): Assignment {
  const { intent, target, settings } = (body ?? {}) as {
    intent?: Intent;
    target?: AssignmentTarget;
    settings?: Record<string, unknown> | null;
  };
  if (app.publishingState !== "published") throw badRequest("Only a published app can be assigned.");
  if (intent === undefined || !INTENTS.includes(intent)) throw badRequest("The intent of the assignment is not valid.");
  if (target === undefined || !TARGETS.test(target["@odata.type"]))
    throw badRequest("The target of the assignment is not valid.");
  if (target.groupId !== undefined && !world.groups.has(target.groupId)) {
    throw badRequest(`The group '${target.groupId}' does not exist.`);
  }
  requireSettings(app, settings ?? null);
  const shown = target.groupId === undefined ? target : { ...groupTarget(target.groupId), ...target };
  return {
    id: assignmentId(target, intent),
    intent,
    source: "direct",
    sourceId: null,
    target: shown,
    settings: settings ?? null,
  };
}

function requireSettings(app: MobileApp, settings: Readonly<Record<string, unknown>> | null): void {
  if (settings === null) return;
  const wanted = `#microsoft.graph.${app.type}AssignmentSettings`;
  if (settings["@odata.type"] !== wanted) throw badRequest(`The settings of this app must be of the type '${wanted}'.`);
  if (typeof settings.useDeviceLicensing !== "boolean") throw badRequest("useDeviceLicensing must be true or false.");
}

function sameTarget(left: AssignmentTarget, right: AssignmentTarget): boolean {
  return left["@odata.type"] === right["@odata.type"] && left.groupId === right.groupId;
}

/** v1.0 tells neither whence an assignment comes nor its filters. */
function row({ source, sourceId, target, ...assignment }: Assignment, version: Version): Record<string, unknown> {
  const common = { "@odata.type": "#microsoft.graph.mobileAppAssignment", ...assignment };
  if (version === "beta") return { ...common, target, source, sourceId };
  const {
    deviceAndAppManagementAssignmentFilterId: _,
    deviceAndAppManagementAssignmentFilterType: __,
    ...plain
  } = target;
  return { ...common, target: plain };
}
