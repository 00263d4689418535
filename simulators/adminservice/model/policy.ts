import type { Assignment, Collection, System } from "./records.js";
import type { Site } from "./site.js";

const SUCCEEDED = 1000;
const ALREADY_SO = 1001;
const INSTALLING = 2002;
const NO_LICENSE = 5013;

/** What devices do: they look for policy some time after it has changed, and where two deployments disagree, install wins. */
export class Policy {
  readonly #looking = new Set<number>();

  constructor(private readonly site: Site) {}

  /** The devices that a deployment is for: members, or those of the members. */
  targetsOf(assignment: Assignment): Set<System> {
    return new Set([...this.site.systems.values()].filter((system) => this.#isFor(assignment, system)));
  }

  /** The device tries anew what its deployments want, as it does from time to time. */
  tryAgain(system: System): void {
    for (const assignment of this.site.assignments.rows.values()) this.site.reports.unsay(assignment, system);
    this.look(system);
  }

  assignmentsChanged(assignment: Assignment): void {
    for (const system of this.targetsOf(assignment)) this.look(system);
  }

  membersChanged(collection: Collection, before: ReadonlySet<number>): void {
    for (const assignment of this.site.assignments.rows.values()) {
      if (assignment.collectionId !== collection.CollectionID) continue;
      for (const id of before) if (!collection.members.has(id)) this.site.reports.leave(assignment, id);
    }
    const concerned = new Set([...before, ...collection.members]);
    for (const system of this.site.systems.values()) {
      if (concerned.has(system.ResourceID) || (system.userId !== null && concerned.has(system.userId)))
        this.look(system);
    }
  }

  /** The device looks for policy after the usual time. */
  look(system: System): void {
    if (this.#looking.has(system.ResourceID)) return;
    this.#looking.add(system.ResourceID);
    this.site.timeline.after(this.site.switches.policyDelayMs, () => {
      this.#looking.delete(system.ResourceID);
      if (this.#isReachable(system)) for (const assignment of this.#applicable(system)) this.#begin(assignment, system);
    });
  }

  #isFor(assignment: Assignment, { ResourceID, userId }: System): boolean {
    const collection = this.site.collections.rows.get(assignment.collectionId);
    if (collection === undefined) return false;
    const members = this.site.collections.membersOf(collection);
    return collection.type === 2 ? members.has(ResourceID) : userId !== null && members.has(userId);
  }

  #isReachable({ ResourceID, offline, decommissioned, obsolete }: System): boolean {
    return this.site.systems.has(ResourceID) && !offline && !decommissioned && !obsolete;
  }

  /** Of each application the one deployment that holds on the device. */
  #applicable(system: System): Assignment[] {
    const winners = new Map<number, Assignment>();
    for (const assignment of this.site.assignments.rows.values()) {
      const { enabled, offer, desired, application } = assignment;
      if (!enabled || offer !== 0 || !this.#isFor(assignment, system)) continue;
      const other = winners.get(application.ModelID);
      if (other === undefined || (desired === 1 && other.desired === 2)) winners.set(application.ModelID, assignment);
    }
    return [...winners.values()];
  }

  #begin(assignment: Assignment, system: System): void {
    if (this.site.reports.said(assignment, system) !== undefined) return;
    this.site.reports.say(assignment, system, INSTALLING);
    this.site.timeline.after(this.site.switches.installMs, () => this.#end(assignment, system));
  }

  #end(assignment: Assignment, system: System): void {
    if (!this.#isReachable(system) || !this.#applicable(system).includes(assignment)) return;
    this.site.reports.say(assignment, system, this.#enforce(assignment, system));
  }

  #enforce({ application: { adamId }, desired }: Assignment, system: System): number {
    const forced = takeOutcome(system, adamId);
    if (forced !== undefined) return forced;
    const isInstalled = system.installed.has(adamId);
    if (isInstalled === (desired === 1)) return ALREADY_SO;
    if (desired === 2) system.installed.delete(adamId);
    else if (!this.site.hasLicense(adamId, system)) return NO_LICENSE;
    else system.installed.add(adamId);
    return SUCCEEDED;
  }
}

function takeOutcome(system: System, adamId: string): number | undefined {
  const outcome = system.outcomes.get(adamId);
  if (outcome === undefined) return undefined;
  if (outcome.times > 1) system.outcomes.set(adamId, { ...outcome, times: outcome.times - 1 });
  else system.outcomes.delete(adamId);
  return outcome.code;
}
