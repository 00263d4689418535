import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PluginError } from "../../../../src/plugins/contract.js";
import type { Core } from "../../../../src/sync/core.js";
import { callTarget } from "../../../../src/sync/targets/call-target.js";
import { checkTarget, recordCheck } from "../../../../src/sync/targets/check-target.js";
import { forget } from "../../../support/forget.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../target-world.js";

let world: TargetWorld;
let core: Core;
let id: string;
beforeAll(async () => {
  world = await createTargetWorld([pluginWith({})]);
  core = world.core;
});
afterAll(() => world.stop());
beforeEach(async () => {
  await forget(core.dataSource, "target", "alert");
  id = await world.add("scripted", {});
});

let asked = 0;
const answer = (result: unknown) => {
  asked = 0;
  return callTarget(core, id, 1_000, async () => {
    asked += 1;
    if (result instanceof Error) throw result;
    return result;
  });
};
const refusal = (result: unknown) =>
  answer(result).then(
    () => null,
    (error: PluginError) => error,
  );
const DOWN = new PluginError("transient", "It is down.");
const fail = async (times: number) => {
  for (let time = 0; time < times; time += 1) await refusal(DOWN);
};
/** The pause is over. */
const passPause = () => world.read("UPDATE target SET paused_until = now() - interval '1 second'");
const stored = async () => {
  const [target] = await world.read<Record<string, unknown>>(
    "SELECT failures, opened_at, paused_until, tried_until, last_error, last_failed_at FROM target",
  );
  return target;
};
const CLOSED = {
  failures: 0,
  opened_at: null,
  paused_until: null,
  tried_until: null,
  last_error: null,
  last_failed_at: null,
};
const openAlerts = () =>
  world.read<{ message: string }>("SELECT message FROM alert WHERE kind = 'TARGET_FAILING' AND cleared_at IS NULL");

describe("a target whose calls fail", () => {
  test("is called again after two failures, each of which says when", async () => {
    expect((await refusal(DOWN))?.options.retryAfterMs).toBeGreaterThan(0);
    await refusal(DOWN);
    expect(await answer("yes")).toBe("yes");
    expect(await stored()).toEqual(CLOSED);
  });

  test("is left alone after three, with the reason told to whoever would call", async () => {
    await fail(3);
    const error = await refusal("yes");
    expect(asked).toBe(0);
    expect(error).toMatchObject({
      kind: "transient",
      message: expect.stringMatching(/left alone.*3 calls.*It is down\./),
    });
    expect(error?.options.retryAfterMs).toBeGreaterThan(0);
  });

  test("raises one alert an outage, cleared when a call succeeds", async () => {
    await fail(2);
    expect(await openAlerts()).toEqual([]);
    await fail(1);
    const [alert] = await openAlerts();
    expect(alert?.message).toMatch(/Calls to "Main" fail.*It is down\./);
    await passPause();
    await fail(1);
    expect(await openAlerts()).toEqual([alert]);
    await passPause();
    await answer("yes");
    expect(await openAlerts()).toEqual([]);
  });

  test("is left alone, too, when it never answers", async () => {
    const hang = () => callTarget(core, id, 20, () => new Promise<never>(() => undefined));
    for (let time = 0; time < 3; time += 1) await expect(hang()).rejects.toMatchObject({ kind: "transient" });
    await expect(hang()).rejects.toMatchObject({ message: expect.stringMatching(/left alone.*No answer came/) });
  });

  test("is told of at once where an admin has to act", async () => {
    await refusal(new PluginError("config", "The key is wrong."));
    expect(await openAlerts()).toMatchObject([{ message: expect.stringMatching(/The key is wrong\..*updateTarget/) }]);
  });

  test("is no matter for an alert where the product merely asks for a pause", async () => {
    await refusal(new PluginError("transient", "Busy.", { retryAfterMs: 60_000 }));
    await refusal("yes");
    expect([asked, await openAlerts()]).toEqual([0, []]);
  });

  test("that says no has answered", async () => {
    await fail(2);
    await refusal(new PluginError("rejected", "Not this one."));
    expect(await stored()).toEqual(CLOSED);
  });

  test("goes on at once with what has waited when it answers again", async () => {
    await fail(3);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await passPause();
    await answer("yes");
    const jobs = await world.read<{ identifier: string }>(
      "SELECT task.identifier FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id",
    );
    expect(jobs.map(({ identifier }) => identifier).sort()).toEqual([
      "apply-steps",
      "poll-steps",
      "prepare-applications",
      "return-at-target",
    ]);
  });
});

describe("when the pause of a target is over", () => {
  test("one call of all replicas tries it, and the others wait for how that goes", async () => {
    await fail(3);
    await passPause();
    let trying = 0;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const tries = Array.from({ length: 6 }, () =>
      callTarget(core, id, 5_000, async () => {
        trying += 1;
        await ended;
        return "yes";
      }),
    );
    const others = await Promise.allSettled(
      tries.map((one) => Promise.race([one, new Promise((resolve) => setTimeout(resolve, 500, "under way"))])),
    );
    end();
    const settled = await Promise.allSettled(tries);
    expect(trying).toBe(1);
    expect(others.filter(({ status }) => status === "rejected")).toHaveLength(5);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await stored()).toEqual(CLOSED);
  });

  test("and the one that tries it is never heard of again, another takes its place", async () => {
    await fail(3);
    await passPause();
    await world.read("UPDATE target SET tried_until = now() - interval '1 second'");
    expect(await answer("yes")).toBe("yes");
  });

  test("and it fails again, it is left alone for longer", async () => {
    await fail(3);
    await passPause();
    await refusal(DOWN);
    expect(await stored()).toMatchObject({ failures: 4, tried_until: null });
    await refusal("yes");
    expect(asked).toBe(0);
  });
});

test("an admin's check reaches a target that is left alone, and opens the way for the others", async () => {
  await fail(3);
  const check = await checkTarget(core, id);
  await core.dataSource.transaction((tx) => recordCheck(tx, core, id, check));
  expect(await answer("yes")).toBe("yes");
});

test("an admin's check has what the product refused asked for again at once", async () => {
  await world.read("DELETE FROM graphile_worker._private_jobs");
  const check = await checkTarget(core, id);
  await core.dataSource.transaction((tx) => recordCheck(tx, core, id, check));
  const jobs = await world.read<{ task_identifier: string }>("SELECT task_identifier FROM graphile_worker.jobs");
  expect(jobs.map((job) => job.task_identifier).sort()).toEqual([
    "prepare-applications",
    "release-orders",
    "return-at-target",
  ]);
});

test("a target that was removed meanwhile leaves nothing behind", async () => {
  await forget(core.dataSource, "target");
  expect(await refusal("yes")).toMatchObject({ kind: "config" });
});
