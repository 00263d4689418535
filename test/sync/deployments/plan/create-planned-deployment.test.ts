import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeGlobalId } from "../../../../src/entities/global-id.js";
import { sweepPlans } from "../../../../src/sync/deployments/plan/sweep-plans.js";
import { createPlanWorld, type PlanWorld } from "./plan-world.js";

let world: PlanWorld;
beforeEach(async () => {
  world = await createPlanWorld();
});
afterEach(() => world.stop());

async function expectNothingCreated(): Promise<void> {
  expect(await world.read("SELECT 1 FROM deployment")).toEqual([]);
  expect(await world.read("SELECT 1 FROM installation")).toEqual([]);
  expect(await world.read("SELECT 1 FROM deployment_plan WHERE used_at IS NOT NULL")).toEqual([]);
}

describe("carrying out a plan", () => {
  it("makes what was planned, with everything that was wanted", async () => {
    const wanted = await world.wish([await world.device("A")], { priority: 7 });
    const plan = await world.plan(wanted);
    const id = await world.carryOut(plan);
    expect(
      await world.read("SELECT collection_id, priority, licensing, action FROM deployment WHERE id = $1", [id]),
    ).toEqual([{ collection_id: wanted.collectionId, priority: 7, licensing: "DEVICE", action: "INSTALL" }]);
    expect(await world.read("SELECT state FROM installation")).toEqual([{ state: "REQUESTED" }]);
  });

  it("is refused with the difference when a member would have to wait by now", async () => {
    const device = await world.device("A");
    const plan = await world.plan(await world.wish([device]));
    await world.stock(0);
    await expect(world.carryOut(plan)).rejects.toMatchObject({
      code: "CONFLICT",
      details: {
        problem: "PLAN_CHANGED",
        worse: 1,
        licensesNeededBefore: 1,
        licensesNeededAfter: 1,
        members: [
          {
            device: encodeGlobalId("Device", device),
            before: "INSTALL",
            reasonBefore: null,
            after: "WAITS_FOR_LICENSE",
            reasonAfter: "OUT_OF_STOCK",
          },
        ],
      },
    });
    await expectNothingCreated();
  });

  it("names the first of many members whose outcome has become worse, and counts them all", async () => {
    const devices = await Promise.all(Array.from({ length: 30 }, (_, at) => world.device(`S${at}`)));
    const plan = await world.plan(await world.wish(devices));
    await world.stock(0);
    const error = await world.carryOut(plan).catch(({ details }) => details);
    expect(error).toMatchObject({ worse: 30 });
    expect(error.members).toHaveLength(20);
  });

  it("is refused when more licences are needed, though there are enough", async () => {
    const wanted = await world.wish([await world.device("A")]);
    const plan = await world.plan(wanted);
    await world.join(wanted, await world.device("B"));
    await expect(world.carryOut(plan)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { problem: "PLAN_CHANGED", worse: 0, licensesNeededBefore: 1, licensesNeededAfter: 2 },
    });
    await expectNothingCreated();
  });

  it("goes on when things have become better, or a member has left", async () => {
    const [a, b] = [await world.device("A"), await world.device("B")];
    const wanted = await world.wish([a, b]);
    await world.stock(1);
    const plan = await world.plan(wanted);
    await world.stock(5);
    await world.read("DELETE FROM collection_member WHERE device_id = $1", [a]);
    await world.carryOut(plan);
    expect(await world.read("SELECT device_id FROM installation")).toEqual([{ device_id: b }]);
  });

  it("happens once, however often it is asked for at the same time", async () => {
    const plan = await world.plan(await world.wish([await world.device("A")]));
    const tries = await Promise.allSettled([world.carryOut(plan), world.carryOut(plan), world.carryOut(plan)]);
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refusals = tries.flatMap((one) => (one.status === "rejected" ? [one.reason.details.problem] : []));
    expect(refusals).toEqual(["PLAN_USED", "PLAN_USED"]);
  });

  it("is refused once the plan has expired, and the sweep then forgets it with its members", async () => {
    const plan = await world.plan(await world.wish([await world.device("A")]));
    const fresh = await world.plan(await world.wish([await world.device("B")]));
    await world.read("UPDATE deployment_plan SET expires_at = now() - interval '1 day' WHERE id = $1", [plan.id]);
    await expect(world.carryOut(plan)).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      details: { problem: "PLAN_EXPIRED" },
    });
    await expectNothingCreated();
    await world.core.dataSource.transaction((tx) => sweepPlans(tx, world.core));
    expect(await world.read("SELECT id FROM deployment_plan")).toEqual([{ id: fresh.id }]);
    expect(await world.read("SELECT plan_id FROM deployment_plan_member")).toEqual([{ plan_id: fresh.id }]);
    await expect(world.carryOut(plan)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
