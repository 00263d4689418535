import { PluginError, type Step, type StepOutcome, timeLimit } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import type { ConfigMgrSettings } from "./settings.js";
import { tellDevices } from "./tell-devices.js";
import { verify } from "./verify.js";

export interface Site {
  readonly service: AdminService;
  readonly settings: ConfigMgrSettings;
  readonly now: () => Date;
  readonly random: () => number;
}

/** How long to leave a site alone that cannot do it now and does not say how long. */
const PAUSE_MS = 60_000;

/** Hands Steps over, those of each app and action together. What goes wrong with one lot does not spoil the others. */
export async function apply(site: Site, steps: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const isOver = timeLimit(site.now);
  let failure: PluginError | null = null;
  for (const lot of lotsOf(steps)) {
    if (failure?.kind === "transient") {
      outcomes.push(...postponed(lot, failure, site.now()));
      continue;
    }
    if (outcomes.length > 0 && isOver()) {
      outcomes.push(...leftOver(lot, site.now()));
      continue;
    }
    try {
      outcomes.push(...(await tellLot(site, lot, signal)));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      // Nothing is known of any Step so far: all are told again.
      if (outcomes.length === 0 && error.kind !== "rejected") throw error;
      failure = error;
      outcomes.push(...(error.kind === "rejected" ? refused(lot, error) : postponed(lot, error, site.now())));
    }
  }
  return outcomes;
}

function lotsOf(steps: readonly Step[]): Step[][] {
  const lots = new Map<string, Step[]>();
  for (const step of steps) {
    const name = `${step.action} ${step.app.adamId} ${step.app.applicationHandle}`;
    lots.set(name, [...(lots.get(name) ?? []), step]);
  }
  return [...lots.values()];
}

function tellLot(site: Site, lot: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> {
  return lot[0]?.action === "verify" ? verify(site, lot, signal) : tellDevices(site, lot, signal);
}

function postponed(lot: readonly Step[], error: PluginError, now: Date): StepOutcome[] {
  const until = new Date(now.getTime() + (error.options.retryAfterMs ?? PAUSE_MS));
  return lot.map(({ key }) => ({ key, outcome: "deferred", until, reason: error.message }));
}

function leftOver(lot: readonly Step[], until: Date): StepOutcome[] {
  const reason = "There were more apps than one call to the site has time for.";
  return lot.map(({ key }) => ({ key, outcome: "deferred", until, reason }));
}

function refused(lot: readonly Step[], { message }: PluginError): StepOutcome[] {
  return lot.map(({ key }) => ({ key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: message } }));
}
