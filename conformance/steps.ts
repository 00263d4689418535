import assert from "node:assert/strict";
import type {
  AppRef,
  Inquiry,
  Invitation,
  Step,
  StepOutcome,
  StepStatus,
  TargetConnection,
} from "../src/plugins/contract.js";
import type { EnrolledDevice } from "./fake-product.js";
import { APP, type Scene } from "./scene.js";

let made = 0;

/** A key as long as the core's may be. */
function newKey(): string {
  return `conformance:${++made}:`.padEnd(120, "k");
}

/** The app as Steps name it, made at the product first where it has app objects. */
export async function appOf(scene: Scene, connection: TargetConnection): Promise<AppRef> {
  const { licenses: _, ...known } = APP;
  const app = { ...known, platforms: ["iOS"], tokenExternalId: await tokenOf(scene, connection) };
  if (!scene.plugin.abilities.applications) return { ...app, applicationHandle: null };
  const found = await scene.call("ensureApplication", async (signal) => {
    const made = await connection.ensureApplication?.(app, signal);
    return made ?? assert.fail("There is no `ensureApplication`.");
  });
  return { ...app, applicationHandle: found.handle };
}

/** The product's token that the app is of, where the product owns tokens. */
async function tokenOf(scene: Scene, { licenses }: TargetConnection): Promise<string | null> {
  if (!licenses) return null;
  const [token] = await scene.call("tokens", (signal) => licenses.tokens(signal));
  return token?.externalId ?? assert.fail("The product has authority `target`, and lists no token.");
}

/** A device and its user, as Steps and invitations name them. */
function addressOf({ externalId, serial, userExternalId }: EnrolledDevice): Pick<Step, "device" | "user"> {
  return {
    device: { externalId, serial, udid: null, platform: "iOS" },
    user: userExternalId === null ? null : { externalId: userExternalId, principalName: null },
  };
}

export function makeStep(device: EnrolledDevice, app: AppRef, fields: Partial<Step> = {}): Step {
  return {
    key: newKey(),
    action: "install",
    decidedAt: new Date(),
    app,
    ...addressOf(device),
    licensing: "device",
    collection: null,
    handle: null,
    ...fields,
  };
}

export function makeInvitation(device: EnrolledDevice): Invitation {
  const key = newKey();
  return { key, url: `https://buy.example.com/invitation?of=${key}`, ...addressOf(device) };
}

export function makeInquiry({ externalId }: EnrolledDevice): Inquiry {
  return { key: newKey(), device: { externalId, udid: null } };
}

/** Applies steps where nothing is wrong. @returns their outcomes by key: exactly one each. */
export async function applySteps(
  scene: Scene,
  connection: TargetConnection,
  steps: readonly Step[],
): Promise<ReadonlyMap<string, StepOutcome>> {
  return byKey(steps, await scene.call("apply", (signal) => connection.apply(steps, signal)));
}

export function byKey(steps: readonly Step[], outcomes: readonly StepOutcome[]): ReadonlyMap<string, StepOutcome> {
  const found = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  assert.deepEqual(
    outcomes.map(({ key }) => key).sort(),
    steps.map(({ key }) => key).sort(),
    "`apply` has to give exactly one outcome for each Step, by its key.",
  );
  return found;
}

/** The handle of an outcome that must be `accepted`. */
export function handleOf(outcome: StepOutcome | undefined): string {
  if (outcome?.outcome === "accepted") return outcome.handle;
  return assert.fail(`A Step that nothing hinders was not accepted: ${JSON.stringify(outcome)}`);
}

/** A Step and what the product made of it. */
export interface Told {
  readonly step: Step;
  readonly outcome: StepOutcome | undefined;
}

/** What a Step has come to. */
export type End = Pick<StepStatus, "state" | "observedAt" | "failure">;

/** An outcome that is an end by itself; null for one that is accepted. */
export function endOf({ step, outcome }: Told): End | null {
  if (outcome?.outcome === "failed") return { state: "failed", observedAt: new Date(), failure: outcome.failure };
  if (outcome?.outcome !== "done") return null;
  return { state: wantedBy(step), observedAt: outcome.observedAt };
}

export function wantedBy(step: Step): "installed" | "removed" {
  return step.action === "remove" ? "removed" : "installed";
}
