import { ODataError } from "../odata/odata-error.js";
import type { Collection, DirectRule } from "./records.js";
import type { Site } from "./site.js";

export const ALL_SYSTEMS = "SMS00001";
export const ALL_USERS = "SMS00002";
const FIRST_NUMBER = 0x14;

/** Collections and their members, which follow the rules some time later. */
export class Collections {
  readonly rows = new Map<string, Collection>();
  readonly #evaluating = new Set<string>();

  constructor(private readonly site: Site) {}

  addBuiltIn(): void {
    this.#add({ CollectionID: ALL_SYSTEMS, name: "All Systems", comment: "", type: 2, limitTo: "", builtIn: true });
    this.#add({ CollectionID: ALL_USERS, name: "All Users", comment: "", type: 1, limitTo: "", builtIn: true });
  }

  /** @throws ODataError 400 for a name in use or an unknown limiting collection. */
  create(fields: { name: string; comment: string; type: 1 | 2; limitTo: string }): Collection {
    const isTaken = [...this.rows.values()].some(({ name }) => name.toLowerCase() === fields.name.toLowerCase());
    if (isTaken) throw new ODataError(400, "A collection with this name exists already.");
    const limiting = this.rows.get(fields.limitTo);
    if (limiting?.type !== fields.type)
      throw new ODataError(400, "The limiting collection does not exist or does not fit.");
    const number = (FIRST_NUMBER + this.rows.size).toString(16).toUpperCase().padStart(5, "0");
    return this.#add({ CollectionID: `${this.site.code}${number}`, builtIn: false, ...fields });
  }

  /** @throws ODataError 404. */
  require(id: string): Collection {
    const collection = this.rows.get(id.toUpperCase());
    if (collection === undefined) throw new ODataError(404, `No SMS_Collection has the key '${id}'.`);
    return collection;
  }

  membersOf(collection: Collection): { has(id: number): boolean; keys(): Iterable<number>; readonly size: number } {
    if (!collection.builtIn) return collection.members;
    return collection.type === 2 ? this.site.systems : this.site.users;
  }

  /** All or none. @throws ODataError 400 for a resource that is unknown or in already. */
  addRules(collection: Collection, rules: readonly DirectRule[]): void {
    const resources = collection.type === 2 ? this.site.systems : this.site.users;
    const className = collection.type === 2 ? "SMS_R_System" : "SMS_R_User";
    for (const rule of rules) {
      const fits = rule.ResourceClassName === className && resources.has(rule.ResourceID);
      if (!fits) throw new ODataError(400, `There is no resource ${rule.ResourceID} of ${rule.ResourceClassName}.`);
      const isTwice = rules.some((one) => one !== rule && one.ResourceID === rule.ResourceID);
      if (isTwice || collection.rules.some((one) => one.ResourceID === rule.ResourceID)) {
        throw new ODataError(400, `A rule for the resource ${rule.ResourceID} exists already.`);
      }
    }
    collection.rules.push(...rules);
    this.#changed(collection);
  }

  /** All or none. @throws ODataError 400 for a rule that there is not. */
  deleteRules(collection: Collection, rules: readonly DirectRule[]): void {
    const gone = new Set(rules.map(({ ResourceID }) => ResourceID));
    const kept = collection.rules.filter(({ ResourceID }) => !gone.has(ResourceID));
    if (kept.length !== collection.rules.length - gone.size) throw new ODataError(400, "There is no such rule.");
    collection.rules.splice(0, collection.rules.length, ...kept);
    this.#changed(collection);
  }

  refresh(collection: Collection): void {
    if (this.#evaluating.has(collection.CollectionID)) return;
    this.#evaluating.add(collection.CollectionID);
    collection.status = 4;
    this.site.timeline.after(this.site.switches.evaluationDelayMs, () => this.#evaluate(collection));
  }

  #add(fields: Omit<Collection, "rules" | "members" | "status" | "changedAt">): Collection {
    const collection: Collection = { ...fields, rules: [], members: new Set(), status: 1, changedAt: new Date() };
    this.rows.set(collection.CollectionID, collection);
    return collection;
  }

  #changed(collection: Collection): void {
    if (this.site.switches.evaluation === "change") this.refresh(collection);
    else collection.status = 5;
  }

  #evaluate(collection: Collection): void {
    this.#evaluating.delete(collection.CollectionID);
    const limiting = this.rows.get(collection.limitTo);
    const allowed = limiting === undefined ? null : this.membersOf(limiting);
    const before = collection.members;
    const members = collection.rules.map(({ ResourceID }) => ResourceID).filter((id) => allowed?.has(id) ?? true);
    Object.assign(collection, { members: new Set(members), status: 1, changedAt: new Date() });
    this.site.policy.membersChanged(collection, before);
  }
}
