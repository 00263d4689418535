import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeploymentAction, DeploymentLicensing } from "../../../../src/entities/deployment.js";
import { InstallationState } from "../../../../src/entities/installation.js";
import { createPlanWorld, type PlanWorld } from "./plan-world.js";

let world: PlanWorld;
beforeEach(async () => {
  world = await createPlanWorld();
});
afterEach(() => world.stop());

/** An installation of another deployment that has asked for its licence, and not got it yet. */
async function requestedBefore(device: string): Promise<void> {
  const { id } = await world.deployment();
  const state = InstallationState.REQUESTED;
  await world.installation({ deploymentId: id, deviceId: device, state, nextLookAt: null });
}

async function giveUser(devices: readonly string[]): Promise<void> {
  const [user] = await world.read<{ id: string }>(
    `INSERT INTO "user" (id, principal_name, managed_apple_id, added_at) VALUES ($1, 'one@example', 'one@example', now()) RETURNING id`,
    [world.core.clock.uuid()],
  );
  await world.read("UPDATE device SET user_id = $1 WHERE id = ANY($2)", [user?.id, devices]);
}

describe("who comes first", () => {
  it("are those of other deployments who have asked before, as far as stock goes", async () => {
    const [a, b, c] = [await world.device("A"), await world.device("B"), await world.device("C")];
    await requestedBefore(a);
    await world.stock(2);
    const plan = await world.plan(await world.wish([b, c]));
    expect(Object.values(await world.outcomes(plan)).sort()).toEqual(["INSTALL NEW", "WAITS_FOR_LICENSE OUT_OF_STOCK"]);
    expect(plan.stockAfter).toMatchObject({ held: 2, free: 0, waiting: 1 });
  });

  it("are the members when their priority is higher", async () => {
    const [a, b, c] = [await world.device("A"), await world.device("B"), await world.device("C")];
    await requestedBefore(a);
    await world.stock(2);
    const plan = await world.plan(await world.wish([b, c], { priority: 1 }));
    expect(await world.outcomes(plan)).toEqual({ B: "INSTALL NEW", C: "INSTALL NEW" });
  });

  it("shares its licence with a member that is the same device", async () => {
    const a = await world.device("A");
    await requestedBefore(a);
    await world.stock(1);
    const plan = await world.plan(await world.wish([a]));
    expect(await world.outcomes(plan)).toEqual({ A: "INSTALL JOINED" });
    expect(plan.licensesNeeded).toBe(0);
  });

  it("leaves what is reserved to those for whom it is kept", async () => {
    const [a, b] = [await world.device("A"), await world.device("B")];
    const other = await world.wish([a]);
    await world.stock(1);
    await world.read(
      `INSERT INTO reservation (token_id, store_app_id, collection_id, count, until, created_by, created_at)
       VALUES ($1, $2, $3, 1, now() + interval '1 day', 'test', now())`,
      [world.tokenId, world.storeAppId, other.collectionId],
    );
    const plan = await world.plan(await world.wish([b]));
    expect(await world.outcomes(plan)).toEqual({ B: "WAITS_FOR_LICENSE OUT_OF_STOCK" });
    expect(plan.stockBefore).toMatchObject({ free: 1, reservedForOthers: 1 });
    expect(await world.outcomes(await world.plan(other))).toEqual({ A: "INSTALL NEW" });
  });
});

describe("under user licensing", () => {
  it("refuses a user's sixth device, and wants one licence for the other five, once the user is registered", async () => {
    const devices = await Promise.all(["A", "B", "C", "D", "E", "F"].map((serial) => world.device(serial)));
    await giveUser(devices);
    const plan = await world.plan(await world.wish(devices, { licensing: DeploymentLicensing.USER }));
    expect(plan.outcomeCounts).toEqual([
      { outcome: "WAITS_FOR_USER", reason: "REGISTRATION_OPEN", license: null, count: 5 },
      { outcome: "NOT_APPLICABLE", reason: "DEVICE_LIMIT", license: null, count: 1 },
    ]);
    expect(plan).toMatchObject({ licensesNeeded: 1, licensesLater: 1, licensesMissing: 0 });
  });

  it("touches no licence for a device without a user", async () => {
    const a = await world.device("A");
    const plan = await world.plan(await world.wish([a], { licensing: DeploymentLicensing.USER }));
    expect(await world.outcomes(plan)).toEqual({ A: "NO_USER NO_USER" });
    expect(plan.licensesNeeded).toBe(0);
  });
});

describe("a member that has the app already", () => {
  it("is told so, and joins the licence that is there", async () => {
    const a = await world.device("A");
    const { id: deploymentId } = await world.deployment();
    const licenseId = await world.license(a, "A");
    await world.installation({
      deploymentId,
      deviceId: a,
      licenseId,
      state: InstallationState.INSTALLED,
      nextLookAt: null,
    });
    const plan = await world.plan(await world.wish([a]));
    expect(await world.outcomes(plan)).toEqual({ A: "ALREADY_THERE JOINED" });
    expect(plan.licensesNeeded).toBe(0);
  });
});

describe("an uninstall", () => {
  const action = DeploymentAction.UNINSTALL;

  it("tells which licences return, which an admin protects, and which devices another install keeps", async () => {
    const [a, b, c, d] = await Promise.all(["A", "B", "C", "D"].map((serial) => world.device(serial)));
    if (!a || !b || !c || !d) throw new Error("There are no four devices");
    await world.license(a, "A");
    const kept = await world.license(b, "B");
    await world.read("UPDATE license SET never_reclaim = true WHERE id = $1", [kept]);
    const { id: deploymentId } = await world.deployment();
    await world.installation({ deploymentId, deviceId: d, state: InstallationState.INSTALLED, nextLookAt: null });
    await world.read("UPDATE store_app SET held_count = 2, available_count = 98");

    const plan = await world.plan(await world.wish([a, b, c, d], { action }));
    expect(await world.outcomes(plan)).toEqual({
      A: "REMOVE RETURNS",
      B: "REMOVE STAYS",
      C: "REMOVE",
      D: "KEPT KEPT_BY_INSTALL",
    });
    expect(plan).toMatchObject({ licensesNeeded: 0, licensesReturning: 1, licensesNotReturning: 1 });
    expect(plan.stockBefore).toMatchObject({ held: 2, free: 98 });
    expect(plan.stockAfter).toMatchObject({ held: 1, free: 99 });
  });

  it("of an app that Apple takes back no licence of tells that none returns", async () => {
    const a = await world.device("A");
    await world.license(a, "A");
    await world.read("UPDATE store_app SET revocable = false, held_count = 1");
    const plan = await world.plan(await world.wish([a], { action }));
    expect(await world.outcomes(plan)).toEqual({ A: "REMOVE IRREVOCABLE" });
    expect(plan).toMatchObject({ licensesReturning: 0, licensesNotReturning: 1, stockAfter: { held: 1 } });
    expect(plan.warnings.map(({ code }) => code)).toEqual(["IRREVOCABLE"]);
  });
});

describe("where the MDM gives out the licences", () => {
  beforeEach(async () => {
    await world.read("UPDATE target SET license_authority = 'TARGET'");
    await world.read("UPDATE token SET authority = 'TARGET', target_id = $1, secret = NULL, fingerprint = NULL", [
      world.targetId,
    ]);
  });

  it("is a prediction, and says so", async () => {
    const plan = await world.plan(await world.wish([await world.device("A")]));
    expect(plan).toMatchObject({ certainty: "PREDICTED", licensesNeeded: 1 });
    expect(plan.warnings.map(({ code }) => code)).toEqual(["PREDICTED"]);
    expect(plan.stockAfter).toMatchObject({ held: 1, free: 99 });
  });

  it("is refused when members would have to wait for licences, and leaves nothing behind", async () => {
    const wanted = await world.wish([await world.device("A"), await world.device("B")]);
    await world.stock(1);
    await expect(world.plan(wanted)).rejects.toMatchObject({
      code: "NO_LICENSE_AVAILABLE",
      details: { licensesNeeded: 2, licensesFree: 1 },
    });
    expect(await world.read("SELECT 1 FROM deployment_plan")).toEqual([]);
  });
});
