import assert from "node:assert/strict";
import type { TargetConnection } from "../../src/plugins/contract.js";
import { requestsOf } from "../calls.js";
import { type Check, overNetwork } from "../check.js";
import type { EnrolledDevice } from "../fake-product.js";
import { follow } from "../follow.js";
import type { Fault } from "../relay.js";
import { APP, type Scene } from "../scene.js";
import { applySteps, appOf, byKey, makeStep, type Told } from "../steps.js";
import { assertOneOrder, tell } from "./installs.js";

/** No more requests of one call are hit, one after the other. */
const MOST = 8;
const DEVICES = 3;

export const lostAnswerChecks: readonly Check[] = [
  {
    title: "installs once, whichever answer is lost",
    concerns: overNetwork,
    play: (scene) => eachRequest(scene, { kind: "lose" }),
  },
  {
    title: "keeps what went well when one request of a batch fails",
    concerns: overNetwork,
    play: (scene) => eachRequest(scene, { kind: "answer", status: 503 }),
  },
];

/** Hits one request of a batch after the other, then tells again what was not accepted, as the core does. */
async function eachRequest(scene: Scene, fault: Fault): Promise<void> {
  const connection = await scene.connect();
  const app = await appOf(scene, connection);
  const before = await enrollSome(scene);
  const requests = await requestsOf(scene, () => tell(scene, connection, before, app));
  for (let hit = 0; hit < Math.min(requests, MOST); hit += 1) {
    const devices = await enrollSome(scene);
    const steps = devices.map((device) => makeStep(device, app));
    scene.relay.fail(fault, (number) => number === hit);
    const ending = await scene.attempt("apply", (signal) => connection.apply(steps, signal));
    scene.relay.fail(null);
    if (!ending.ok) {
      assert.equal(
        ending.error.kind,
        "transient",
        `\`apply\` failed as \`${ending.error.kind}\`: ${ending.error.message}`,
      );
      await assertNothingKept(scene, devices, fault);
    }
    const outcomes = ending.ok ? byKey(steps, ending.value) : new Map();
    const told = steps.map((step): Told => ({ step, outcome: outcomes.get(step.key) }));
    for (const { outcome } of told) {
      assert.notEqual(outcome?.outcome, "failed", "A request that failed for the moment made a Step fail for good.");
    }
    await settle(scene, connection, told);
    for (const device of devices) await assertOneOrder(scene, device);
  }
}

/** What was accepted has to come to its end without being told again; the rest is told again first. */
async function settle(scene: Scene, connection: TargetConnection, told: readonly Told[]): Promise<void> {
  const open = told.filter(({ outcome }) => outcome?.outcome !== "accepted" && outcome?.outcome !== "done");
  const again =
    open.length > 0
      ? await applySteps(
          scene,
          connection,
          open.map(({ step }) => step),
        )
      : new Map();
  const all = told.map(({ step, outcome }): Told => ({ step, outcome: again.get(step.key) ?? outcome }));
  const ends = await follow(scene, connection, all);
  for (const { step } of all) {
    const end = ends.get(step.key);
    assert.equal(end?.state, "installed", `After a failed request an install did not end well: ${JSON.stringify(end)}`);
  }
}

/** Where the product has taken one Step and refused another, an error for all would lose the one. */
async function assertNothingKept(scene: Scene, devices: readonly EnrolledDevice[], fault: Fault): Promise<void> {
  if (fault.kind === "lose") return;
  const orders = await Promise.all(
    devices.map(({ externalId }) => scene.product.installOrders(externalId, APP.adamId)),
  );
  const taken = orders.filter((count) => count > 0).length;
  const isMixed = taken > 0 && taken < devices.length;
  assert.ok(!isMixed, "`apply` threw, although the product had taken some of the Steps: give their outcomes.");
}

async function enrollSome(scene: Scene): Promise<EnrolledDevice[]> {
  const devices: EnrolledDevice[] = [];
  for (let count = 0; count < DEVICES; count += 1) devices.push(await scene.enroll());
  await scene.product.checkIn();
  return devices;
}
