import type { Assignment, System } from "./records.js";
import type { Site } from "./site.js";

/** What one device has said of one deployment. */
export interface Report {
  readonly assignment: Assignment;
  readonly system: System;
  /** EnforcementState. */
  readonly code: number;
}

/** StatusType by the thousands of EnforcementState. */
const STATUS_TYPES: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 };

export function statusTypeOf(code: number): number {
  return STATUS_TYPES[Math.floor(code / 1000)] ?? 4;
}

/** State messages, and the rows that the site makes of them some time later. */
export class Reports {
  readonly #said = new Map<string, Report>();
  readonly #shown = new Map<string, Report>();

  constructor(private readonly site: Site) {}

  /** What the device itself has said last. */
  said(assignment: Assignment, system: System): Report | undefined {
    return this.#said.get(keyOf(assignment, system));
  }

  say(assignment: Assignment, system: System, code: number): void {
    const report = { assignment, system, code };
    this.#said.set(keyOf(assignment, system), report);
    this.site.timeline.after(this.site.switches.summaryDelayMs, () => {
      if (this.site.assignments.rows.has(assignment.AssignmentID)) this.#shown.set(keyOf(assignment, system), report);
    });
  }

  /** The device has forgotten what it said; the rows stay. */
  unsay(assignment: Assignment, system: System): void {
    this.#said.delete(keyOf(assignment, system));
  }

  forget(assignment: Assignment): void {
    for (const reports of [this.#said, this.#shown]) {
      for (const [key, report] of reports) if (report.assignment === assignment) reports.delete(key);
    }
  }

  /** A device that is no member any more is taken out of the rows, unless the switch keeps it. */
  leave(assignment: Assignment, resourceId: number): void {
    const key = `${assignment.AssignmentID} ${resourceId}`;
    this.#said.delete(key);
    if (!this.site.switches.rowsStay) this.#shown.delete(key);
  }

  rows(): Report[] {
    const shown = [...this.#shown.values()];
    return this.site.switches.unknownRows ? [...shown, ...this.#unknown()] : shown;
  }

  /** Members of whom nothing is known yet, where the switch has them listed. */
  #unknown(): Report[] {
    return [...this.site.assignments.rows.values()].flatMap((assignment) =>
      [...this.site.policy.targetsOf(assignment)]
        .filter((system) => !this.#shown.has(keyOf(assignment, system)))
        .map((system) => ({ assignment, system, code: 4000 })),
    );
  }
}

function keyOf(assignment: Assignment, system: System): string {
  return `${assignment.AssignmentID} ${system.ResourceID}`;
}
