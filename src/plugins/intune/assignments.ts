import type { Licensing } from "../contract.js";
import { PluginError } from "../contract.js";
import { isOk, readRefusal } from "./failure.js";
import type { Graph } from "./graph.js";
import { type AppKind, type Assignment, assignmentBody, assignmentShape, type Intent, typeName } from "./wire.js";

const WHAT = "read the assignments of the app";

/** An app object of Intune's. */
export interface AppAt {
  readonly kind: AppKind;
  readonly id: string;
}

/** What a group is to have. */
export interface Wanted {
  readonly groupId: string;
  readonly intent: Intent;
  readonly licensing: Licensing;
}

/** The assignments of apps, of which each is added and removed by itself: those of others stay whatever happens. */
export interface Assignments {
  list(app: AppAt, signal: AbortSignal): Promise<Assignment[]>;
  /**
   * Sees to it that a group has what is wanted, and nothing else of ours.
   * @throws PluginError `rejected` where somebody else has given the group the app in a way that cannot stay.
   */
  ensure(app: AppAt, wanted: Wanted, present: readonly Assignment[], signal: AbortSignal): Promise<void>;
  /** Takes what is ours away from these groups. An app or a group that is gone has nothing of ours. */
  end(app: AppAt, groupIds: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
}

export function createAssignments(graph: Graph, api: string): Assignments {
  const placeOf = ({ id }: AppAt) => `/${api}/deviceAppManagement/mobileApps/${id}/assignments`;
  const list: Assignments["list"] = (app, signal) => graph.list(WHAT, assignmentShape, placeOf(app), signal);

  const remove = async (app: AppAt, { id }: Assignment, signal: AbortSignal): Promise<void> => {
    const place = `${placeOf(app)}/${encodeURIComponent(id)}`;
    const answer = await graph.call({ method: "DELETE", place }, signal);
    if (!isOk(answer) && answer.status !== 404) throw graph.failure(answer, "remove an assignment of the app");
  };

  const add = async (app: AppAt, wanted: Wanted, signal: AbortSignal): Promise<void> => {
    const { groupId, intent, licensing } = wanted;
    const body = assignmentBody(app.kind, intent, groupId, licensing === "device");
    const answer = await graph.call({ method: "POST", place: placeOf(app), body }, signal);
    if (isOk(answer)) return;
    // Told by its words alone: the same target again, as after an answer that was lost.
    const isThere = answer.status === 400 && /already exists/i.test(readRefusal(answer).message);
    if (isThere && (await list(app, signal)).some((assignment) => fulfils(assignment, wanted))) return;
    throw graph.failure(answer, "assign the app to the group");
  };

  return {
    list,
    async ensure(app, wanted, present, signal) {
      const known = present.filter(({ target }) => target.groupId === wanted.groupId);
      if (known.some((assignment) => fulfils(assignment, wanted))) return;
      const foreign = known.map(reasonToStay).find((reason) => reason !== null);
      if (foreign) throw new PluginError("rejected", foreign);
      for (const assignment of known) await remove(app, assignment, signal);
      await add(app, wanted, signal);
    },
    async end(app, groupIds, signal) {
      const answer = await graph.call(
        { method: "GET", place: `/${api}/deviceAppManagement/mobileApps/${app.id}` },
        signal,
      );
      if (answer.status === 404) return;
      const present = await list(app, signal);
      const ours = present.filter((one) => groupIds.has(one.target.groupId ?? "") && reasonToStay(one) === null);
      for (const assignment of ours) await remove(app, assignment, signal);
    },
  };
}

/** Whoever made it: what is there already is not made again. */
function fulfils({ intent, target, settings }: Assignment, wanted: Wanted): boolean {
  return (
    target["@odata.type"] === typeName("groupAssignmentTarget") &&
    target.groupId === wanted.groupId &&
    target.deviceAndAppManagementAssignmentFilterId === null &&
    intent === wanted.intent &&
    (settings?.useDeviceLicensing ?? false) === (wanted.licensing === "device")
  );
}

/** Why an assignment of the group is not ours to change; null where it is. */
function reasonToStay({ source, target, intent }: Assignment): string | null {
  if (source === "policySets")
    return "A policy set of Intune assigns the app to this group: take the app out of the policy set, or deploy it to another group.";
  if (target["@odata.type"] !== typeName("groupAssignmentTarget")) {
    return "In Intune this group is excluded from the app: take the exclusion away, or deploy to another group.";
  }
  if (target.deviceAndAppManagementAssignmentFilterId !== null) {
    return "In Intune the app is assigned to this group with a filter: take that assignment away, or deploy to another group.";
  }
  if (intent === "required" || intent === "uninstall") return null;
  return `In Intune the app is assigned to this group as "${intent}": take that assignment away, or deploy to another group.`;
}
