import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeploymentAction } from "../../../src/entities/deployment.js";
import {
  type Installation,
  InstallationReason,
  InstallationWant,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { TokenHealthState } from "../../../src/entities/token.js";
import { advanceInstallations } from "../../../src/sync/deployments/advance-installations.js";
import { applyStatuses } from "../../../src/sync/deployments/apply-statuses.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { changeDeploymentAction } from "../../../src/sync/deployments/change-deployment-action.js";
import { expireWaits } from "../../../src/sync/deployments/expire-waits.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { retryInstallation } from "../../../src/sync/deployments/retry-installation.js";
import { changeHealth } from "../../../src/sync/tokens/change-health.js";
import { ago, answering, createDeploymentWorld, type DeploymentWorld, refused } from "./deployment-world.js";

const HOUR = 3_600_000;

let world: DeploymentWorld;
let deploymentId: string;
let deviceId: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  deploymentId = (await world.deployment()).id;
  deviceId = await world.device("AAA");
});
afterEach(() => world.stop());

const { PRESENT, ABSENT } = InstallationWant;
const overdue = (values: Partial<Installation>) =>
  world.installation({ deploymentId, deviceId, deadlineAt: ago(world.core, 1), ...values });
const licenses = () => world.read<{ state: string }>("SELECT state FROM license ORDER BY id");

describe("a removal that did not come to its end", () => {
  test.each([
    [S.REMOVING, true, S.LICENSED],
    [S.REMOVING, false, S.REQUESTED],
    [S.REMOVAL_FAILED, true, S.LICENSED],
    [S.REMOVAL_FAILED, false, S.REQUESTED],
  ])("of an app that is wanted again: %s, licensed %s, goes on as %s", async (state, hasLicense, next) => {
    const licenseId = hasLicense ? await world.license(deviceId, "AAA") : null;
    const id = await overdue({ state, licenseId, want: PRESENT });
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: next, licenseId });
    expect(await world.jobs("license-installations")).toHaveLength(hasLicense ? 0 : 1);
  });

  test("is tried again while nobody else wants the app on the device", async () => {
    const id = await overdue({ state: S.REMOVAL_FAILED, want: ABSENT });
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING });
  });

  test("is told once a day to a silent device, whose confirmation counts whenever it comes", async () => {
    const licenseId = await world.license(deviceId, "AAA");
    const id = await overdue({ state: S.REMOVAL_FAILED, want: ABSENT, licenseId });
    const hoursOf = async () => {
      const { deadlineAt, stateAt } = await world.seen(id);
      return Math.round((((deadlineAt?.getTime() ?? 0) - stateAt.getTime()) * world.core.clock.scaled(1) ** -1) / HOUR);
    };
    await expireWaits(world.core);
    const tried = await hoursOf();
    await world.read("UPDATE installation SET handle = 'r', deadline_at = now() - interval '1 second'");
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({
      state: S.REMOVAL_FAILED,
      reason: "TIMED_OUT",
      handle: "r",
      licenseId,
    });
    expect(tried + (await hoursOf())).toBe(24);

    const status = { handle: "r", device: "device-AAA", state: "removed", observedAt: new Date() } as const;
    await world.core.dataSource.transaction((tx) =>
      applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps: [] }),
    );
    expect(await world.seen(id)).toMatchObject({ state: S.RETURNING });
    expect(await licenses()).toEqual([{ state: "RETURNING" }]);
  });

  test.each([
    ["done", S.RETURNING],
    ["failed", S.REMOVAL_FAILED],
  ] as const)("is verified when its device is heard of late: %s makes it %s", async (outcome, next) => {
    const licenseId = await world.license(deviceId, "AAA");
    const values = { state: S.REMOVAL_FAILED, want: ABSENT, licenseId, handle: "r", verifyAt: ago(world.core, 1) };
    const id = await world.installation({ deploymentId, deviceId, ...values });
    const actions: string[] = [];
    world.connection.apply = async (steps) =>
      steps.map(({ key, action }) => {
        actions.push(action);
        return outcome === "done" ? { key, outcome, observedAt: new Date() } : refused(key);
      });
    await applySteps(world.core, { targetId: world.targetId });
    expect(actions).toEqual(["verify"]);
    expect(await world.seen(id)).toMatchObject({ state: next, verifyAt: null });
  });

  test("is left to the deployment that has installed the app since, and so is the licence", async () => {
    const licenseId = await world.license(deviceId, "AAA");
    const id = await overdue({ state: S.REMOVAL_FAILED, want: ABSENT, licenseId });
    const other = { deploymentId: (await world.deployment()).id, deviceId, licenseId, state: S.INSTALLED };
    await world.installation(other);
    const key = { tokenId: world.tokenId, id };
    await expect(world.core.dataSource.transaction((tx) => retryInstallation(tx, world.core, key))).rejects.toThrow(
      expect.objectContaining({ code: "CONFLICT" }),
    );
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: S.SUPERSEDED, licenseId: null });
    expect(await licenses()).toEqual([{ state: "HELD" }]);
  });

  test.each([true, false])("is followed by an install only with a licence when it is flipped back: %s", async (has) => {
    const licenseId = has ? await world.license(deviceId, "AAA") : null;
    const id = await overdue({ state: S.REMOVAL_FAILED, want: ABSENT, licenseId });
    await world.read("UPDATE deployment SET action = 'UNINSTALL'");
    await world.core.dataSource.transaction((tx) =>
      changeDeploymentAction(
        tx,
        world.core,
        { tokenId: world.tokenId, id: deploymentId },
        DeploymentAction.INSTALL,
        "a",
      ),
    );
    const { state, deadlineAt, attempt } = await world.seen(id);
    expect({ state, attempt, waits: deadlineAt !== null }).toEqual({
      state: has ? S.LICENSED : S.REQUESTED,
      attempt: 2,
      waits: has,
    });
  });

  test.each([true, false])("as the target reports goes on with a licence, or asks for one: %s", async (has) => {
    const licenseId = has ? await world.license(deviceId, "AAA") : null;
    const id = await overdue({ state: S.REMOVING, want: PRESENT, licenseId, handle: "h" });
    const failure = { code: "REMOVE_FAILED", detail: "No." } as const;
    const status = { handle: "h", device: "device-AAA", state: "failed", observedAt: new Date(), failure } as const;
    await world.core.dataSource.transaction((tx) =>
      applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps: [] }),
    );
    expect(await world.seen(id)).toMatchObject({ state: has ? S.LICENSED : S.REQUESTED });
  });
});

describe("an install that failed for good", () => {
  const why = { reason: InstallationReason.REFUSED_BY_TARGET, detail: "INSTALL_FAILED: No.", remedy: "Make room." };

  test("keeps its reason when its licence returns, and says that it did", async () => {
    const licenseId = await world.license(deviceId, "AAA");
    const id = await overdue({ state: S.FAILED, licenseId, handle: "h", verifyAt: ago(world.core, -HOUR), ...why });
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({
      ...why,
      state: S.FAILED,
      detail: "INSTALL_FAILED: No. Its licence was returned.",
      licenseId: null,
      deadlineAt: null,
      nextLookAt: null,
      verifyAt: null,
    });
    expect(await licenses()).toEqual([{ state: "RETURNING" }]);
  });

  test("says nothing of a licence where another deployment keeps it", async () => {
    const licenseId = await world.license(deviceId, "AAA");
    const id = await overdue({ state: S.FAILED, licenseId, ...why });
    const other = { deploymentId: (await world.deployment()).id, deviceId, licenseId, state: S.INSTALLED };
    await world.installation(other);
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ ...why, licenseId: null, deadlineAt: null });
    expect(await licenses()).toEqual([{ state: "HELD" }]);
  });

  test.each([
    ["is told again, as every week", null, S.LICENSED],
    ["is left there where its member has left", true, S.INSTALLED],
  ] as const)("of an app that is on the device by an earlier one %s, and its licence stays", async (_, left, next) => {
    const licenseId = await world.license(deviceId, "AAA");
    const values = { state: S.INSTALLING, licenseId, handle: "h", observedState: "installed", observedAt: new Date() };
    const id = await overdue({ ...values, leftAt: left && ago(world.core, 1) });
    const failure = { code: "INSTALL_FAILED", detail: "No." } as const;
    const status = { handle: "h", device: "device-AAA", state: "failed", observedAt: new Date(), failure } as const;
    await world.core.dataSource.transaction((tx) =>
      applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps: [] }),
    );
    expect(await world.seen(id)).toMatchObject({ state: S.FAILED, observedState: "installed" });
    await world.read("UPDATE installation SET deadline_at = now() - interval '1 second'");
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: next, licenseId });
    expect(await licenses()).toEqual([{ state: "HELD" }]);
  });

  test("waits for nothing without a licence and a step at the target", async () => {
    const id = await overdue({ state: S.LICENSED });
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: S.FAILED, reason: "TIMED_OUT", deadlineAt: null });
  });
});

describe("an install that has kept an app from its removal, and failed for good", () => {
  /** An installation that ends while another one of its device, which uses its licence, is about to be told. */
  async function superseded(end: "flip" | "leave", values: Partial<Installation>) {
    const licenseId = await world.license(deviceId, "AAA");
    const ending = await world.deployment();
    await world.read("UPDATE deployment SET on_leave = 'UNINSTALL' WHERE id = $1", [ending.id]);
    const id = await world.installation({ deploymentId: ending.id, deviceId, licenseId, attempt: 2, ...values });
    const keeper = await world.installation({ deploymentId, deviceId, licenseId, attempt: 2 });
    if (end === "flip") {
      await world.core.dataSource.transaction((tx) =>
        changeDeploymentAction(tx, world.core, ending, DeploymentAction.UNINSTALL, "a"),
      );
    } else {
      await world.read("DELETE FROM collection_member WHERE collection_id = $1", [ending.collectionId]);
      await refreshMembers(world.core, { collectionId: ending.collectionId ?? "" });
    }
    expect(await world.seen(id)).toMatchObject({ state: S.SUPERSEDED, licenseId: null, want: ABSENT });
    return { id, keeper, licenseId };
  }

  async function failForGood(id: string): Promise<void> {
    world.connection.apply = answering(refused);
    await applySteps(world.core, { targetId: world.targetId });
    expect(await world.seen(id)).toMatchObject({ state: S.FAILED });
    await pass(id);
  }

  async function pass(id: string): Promise<void> {
    await world.read("UPDATE installation SET deadline_at = $2 WHERE id = $1", [id, ago(world.core, 1)]);
    await expireWaits(world.core);
  }

  test.each([
    ["flip", S.INSTALLING],
    ["flip", S.INSTALLED],
    ["leave", S.INSTALLING],
    ["leave", S.INSTALLED],
  ] as const)("leaves its licence to that removal (%s, %s), until the device confirms it", async (end, state) => {
    const handle = state === S.INSTALLING ? "a" : null;
    const { id, keeper, licenseId } = await superseded(end, { state, handle });
    await failForGood(keeper);
    expect(await world.seen(keeper)).toMatchObject({ state: S.FAILED, licenseId: null, deadlineAt: null });
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING, licenseId });
    expect(await licenses()).toEqual([{ state: "HELD" }]);

    await applySteps(world.core, { targetId: world.targetId });
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVAL_FAILED, licenseId });
    await pass(id);
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING, licenseId });
    expect(await licenses()).toEqual([{ state: "HELD" }]);

    world.connection.apply = answering((key) => ({ key, outcome: "done", observedAt: new Date() }));
    await applySteps(world.core, { targetId: world.targetId });
    expect(await world.seen(id)).toMatchObject({ state: S.RETURNING });
    expect(await licenses()).toEqual([{ state: "RETURNING" }]);
  });

  test("leaves to that removal the licence that it went on with, too, once it waits for nothing", async () => {
    const { id, keeper, licenseId } = await superseded("flip", { state: S.INSTALLED });
    const stateAt = ago(world.core, world.core.clock.scaled(8 * 24 * HOUR));
    await world.read(
      `UPDATE installation SET state = 'FAILED', license_id = NULL, former_license_id = $2, state_at = $3, deadline_at = $4
       WHERE id = $1`,
      [keeper, licenseId, stateAt, ago(world.core, -HOUR)],
    );
    await advanceInstallations(world.core, { tokenId: world.tokenId });
    expect(await world.seen(keeper)).toMatchObject({ formerLicenseId: licenseId });
    await world.read("UPDATE installation SET deadline_at = NULL WHERE id = $1", [keeper]);
    await advanceInstallations(world.core, { tokenId: world.tokenId });
    expect(await world.seen(keeper)).toMatchObject({ formerLicenseId: null, licenseId: null });
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING, licenseId });
    expect(await licenses()).toEqual([{ state: "HELD" }]);
  });

  test("leaves nothing to one whose claim came through too late to be told, and takes its licence along", async () => {
    const licenseId = await world.license(deviceId, "AAA");
    const left = { state: S.SUPERSEDED, reason: InstallationReason.KEPT_BY_INSTALL, want: ABSENT };
    const never = { deploymentId: (await world.deployment()).id, deviceId, leftAt: ago(world.core, 1), attempt: 1 };
    const id = await world.installation({ ...never, ...left });
    await overdue({ state: S.FAILED, licenseId, attempt: 2 });
    await expireWaits(world.core);
    expect(await world.seen(id)).toMatchObject({ state: S.SUPERSEDED, licenseId: null });
    expect(await licenses()).toEqual([{ state: "RETURNING" }]);
  });

  test("keeps it from no removal any more", async () => {
    await world.installation({ deploymentId, deviceId, state: S.FAILED });
    const licenseId = await world.license(deviceId, "AAA");
    const ending = await world.deployment();
    const values = { deploymentId: ending.id, deviceId, licenseId, attempt: 2, state: S.INSTALLING, handle: "a" };
    const id = await world.installation(values);
    await world.core.dataSource.transaction((tx) =>
      changeDeploymentAction(tx, world.core, ending, DeploymentAction.UNINSTALL, "a"),
    );
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING, licenseId });
  });
});

test("A deadline in a state that may last is forgotten, and holds up nobody else's", async () => {
  const stray = await overdue({ state: S.NOT_APPLICABLE, reason: InstallationReason.NO_USER });
  const other = { deploymentId, deviceId: await world.device("BBB"), deadlineAt: ago(world.core, 1) };
  const id = await world.installation({ ...other, state: S.INSTALLING });
  await expireWaits(world.core);
  expect(await world.seen(stray)).toMatchObject({ state: S.NOT_APPLICABLE, reason: "NO_USER", deadlineAt: null });
  expect(await world.seen(id)).toMatchObject({ state: S.FAILED, reason: "TIMED_OUT" });
});

describe("while a token may not write", () => {
  test("no deadline of its installations runs, through all that is found of it", async () => {
    const start = ago(world.core, 10 * HOUR);
    const deadlineAt = ago(world.core, 7 * HOUR);
    const id = await overdue({ state: S.INSTALLING, deadlineAt, stateAt: start });
    await world.read("UPDATE token SET health_state = 'EXPIRED', health_since = $1", [ago(world.core, 8 * HOUR)]);
    for (const state of [TokenHealthState.UNVERIFIED, TokenHealthState.ACTIVE]) {
      const health = { state, cause: null, evidence: null, remedy: null };
      await world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, world.tokenId, health));
    }
    await expireWaits(world.core);
    const { state, deadlineAt: now } = await world.seen(id);
    expect(state).toBe(S.INSTALLING);
    const shiftedHours = ((now?.getTime() ?? 0) - deadlineAt.getTime()) / HOUR;
    expect(shiftedHours).toBeGreaterThanOrEqual(8);
    expect(shiftedHours).toBeLessThan(9);
  });
});
