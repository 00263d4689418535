import { DeploymentAction, DeploymentLicensing, OnLeave } from "../../../src/entities/deployment.js";
import { DeviceState } from "../../../src/entities/device.js";
import { InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import { ApnsState } from "../../../src/entities/target.js";
import { TokenAuthority, TokenHealthState } from "../../../src/entities/token.js";
import type { ExplainFacts } from "../../../src/queries/explain/explain-facts.js";

export const at = (day: number) => new Date(Date.UTC(2026, 0, day));

type Changes = {
  readonly [Name in keyof ExplainFacts]?: ExplainFacts[Name] extends readonly unknown[]
    ? ExplainFacts[Name]
    : Partial<ExplainFacts[Name]> | null;
};

const SAMPLE: ExplainFacts = {
  now: at(20),
  installation: {
    want: InstallationWant.PRESENT,
    state: S.INSTALLED,
    stateAt: at(5),
    reason: null,
    detail: null,
    remedy: null,
    handle: null,
    nextLookAt: null,
    deadlineAt: null,
    observedState: null,
    observedAt: null,
    leftAt: null,
  },
  deployment: {
    action: DeploymentAction.INSTALL,
    actionAt: at(1),
    actionBy: "admin",
    licensing: DeploymentLicensing.DEVICE,
    onLeave: OnLeave.KEEP,
    createdAt: at(1),
    createdBy: "admin",
    deletedAt: null,
    deletedBy: null,
  },
  collection: "Year 7",
  app: {
    name: "Keynote",
    adamId: "361285480",
    freeCount: 0,
    claimsResumeAt: null,
    unlistedAt: null,
    countsAt: at(19),
    platforms: ["iOS"],
  },
  token: {
    name: "Head office",
    authority: TokenAuthority.SERVICE,
    health: { state: TokenHealthState.ACTIVE, cause: null, since: at(1), evidence: null, remedy: null },
    removingAt: null,
  },
  target: {
    name: "Campus MDM",
    failures: 0,
    openedAt: null,
    pausedUntil: null,
    lastError: null,
    apnsState: ApnsState.VALID,
    apnsExpiresAt: null,
    checkedAt: at(1),
  },
  application: { readyAt: at(1), lastError: null, createdAt: at(1) },
  device: { serial: "C02X", name: "iPad 7", platform: "iOS", state: DeviceState.ENROLLED, lastSeenAt: at(18) },
  user: { principalName: "ada@school.example", displayName: "Ada", leftAt: null },
  registration: null,
  license: null,
  formerLicense: null,
  operation: null,
  queue: null,
  servedFirst: [],
  keptBy: null,
  hinderedBy: null,
  otherToken: null,
};

/** The facts of an installation that is as it should be, with these changes. */
export function sampleFacts(changes: Changes = {}): ExplainFacts {
  const changed = Object.entries(changes).map(([name, change]) => {
    const before = SAMPLE[name as keyof ExplainFacts];
    const merges = typeof change === "object" && change !== null && typeof before === "object" && before !== null;
    return [name, merges && !Array.isArray(change) && !(change instanceof Date) ? { ...before, ...change } : change];
  });
  return { ...SAMPLE, ...Object.fromEntries(changed) };
}
