import type { PlannedLicense, PlanOutcome } from "../../../entities/deployment-plan-member.js";
import type { InstallationReason, InstallationState } from "../../../entities/installation.js";

/** A member as its installation would begin. */
export interface StagedMember {
  readonly position: number;
  readonly deviceId: string | null;
  readonly userId: string | null;
  readonly state: InstallationState;
  readonly reason: InstallationReason | null;
}

/** What becomes of a member. */
export interface PlannedMember {
  readonly position: number;
  readonly deviceId: string | null;
  readonly userId: string | null;
  readonly outcome: PlanOutcome;
  readonly reason: InstallationReason | null;
  readonly license: PlannedLicense | null;
  readonly licenseId: string | null;
}

/** How many members are looked at, and passed on, at once. */
export const PLAN_BATCH = 5_000;

/** Takes the members of a plan in their order, a batch at a time. */
export type MemberSink = (batch: readonly PlannedMember[]) => Promise<void>;
