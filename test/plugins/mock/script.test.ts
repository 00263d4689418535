import { describe, expect, test } from "vitest";
import type { Step, StepOutcome, StepStatus, TargetConnection } from "../../../src/plugins/contract.js";
import { mock } from "../../../src/plugins/mock/index.js";
import { mockSettings } from "../../../src/plugins/mock/settings.js";
import { CALM, connectPlugin, stepFor } from "../../support/plugins/connect-plugin.js";

const START = Date.UTC(2030, 0, 1);
const INSTALL_MS = 1_000;
let now = START;
let worlds = 0;

async function connect(script: readonly Record<string, unknown>[]): Promise<TargetConnection> {
  now = START;
  const settings = { world: `script ${++worlds}`, installMs: INSTALL_MS, script };
  return connectPlugin(mock, settings, { now: () => new Date(now) });
}

async function order(connection: TargetConnection, step: Step): Promise<StepOutcome | undefined> {
  return (await connection.apply([step], CALM))[0];
}

/** What is told of a step so many milliseconds after it was ordered. */
async function toldAt(connection: TargetConnection, step: Step, afterMs: number): Promise<StepStatus | undefined> {
  now = START + afterMs;
  return (await connection.poll([step.key], CALM)).statuses[0];
}

/** The states that are told of one install under a script, each with when it was seen. */
async function story(rule: Record<string, unknown>, ...moments: readonly number[]): Promise<unknown[]> {
  const connection = await connect([rule]);
  const step = stepFor("device-1");
  expect(await order(connection, step)).toMatchObject({ outcome: "accepted" });
  const told = [];
  for (const moment of moments) {
    const status = await toldAt(connection, step, moment);
    told.push(status ? [status.state, status.observedAt.getTime() - START] : null);
  }
  return told;
}

describe("an order that the script makes", () => {
  test("fail, fails by its code and in its words", async () => {
    const connection = await connect([
      { outcome: "failed", code: "NOT_SUPPORTED", detail: "Too old.", remedy: "Update it." },
    ]);
    const step = stepFor("device-1");
    await order(connection, step);
    expect(await toldAt(connection, step, INSTALL_MS - 1)).toMatchObject({ state: "installing" });
    expect(await toldAt(connection, step, INSTALL_MS)).toMatchObject({
      state: "failed",
      failure: { code: "NOT_SUPPORTED", detail: "Too old.", remedy: "Update it." },
    });
  });

  test("fail without a code, fails by that of its action", async () => {
    const connection = await connect([{ outcome: "failed" }]);
    for (const [action, code] of [
      ["install", "INSTALL_FAILED"],
      ["remove", "REMOVE_FAILED"],
    ] as const) {
      const step = stepFor("device-1", { action });
      now = START;
      await order(connection, step);
      expect(await toldAt(connection, step, INSTALL_MS)).toMatchObject({ state: "failed", failure: { code } });
    }
  });

  test("be refused, is refused by the same key each time, and changes nothing on the device", async () => {
    const connection = await connect([{ action: "remove", outcome: "refused", code: "REJECTED_BY_TARGET" }]);
    const [install, remove] = [stepFor("device-1"), stepFor("device-1", { action: "remove" })];
    await order(connection, install);
    for (const time of [1, 2]) {
      expect([time, await order(connection, remove)]).toMatchObject([
        time,
        { outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: expect.any(String) } },
      ]);
    }
    expect(await toldAt(connection, install, INSTALL_MS)).toMatchObject({ state: "installed" });
  });

  test("be done at once, is done in the answer to its step", async () => {
    const connection = await connect([{ outcome: "done-at-once" }]);
    expect(await order(connection, stepFor("device-1"))).toMatchObject({
      outcome: "done",
      observedAt: new Date(START),
    });
  });

  test("need somebody, does so for ever, or until they act", async () => {
    expect(await story({ outcome: "needs-user" }, 0, 86_400_000)).toEqual([
      ["needs-user", 0],
      ["needs-user", 86_400_000],
    ]);
    expect(await story({ outcome: "needs-user", untilMs: 5_000 }, 4_999, 5_000)).toEqual([
      ["needs-user", 4_999],
      ["installed", 5_000],
    ]);
  });

  test("need somebody, says so as what there is to do", async () => {
    const connection = await connect([{ outcome: "needs-user" }]);
    const step = stepFor("device-1");
    await order(connection, step);
    expect(await toldAt(connection, step, 0)).toMatchObject({
      failure: { code: "NEEDS_USER", remedy: expect.any(String) },
    });
  });

  test("never be answered, is accepted and told of no more", async () => {
    expect(await story({ outcome: "never-answers" }, 0, 86_400_000)).toEqual([null, null]);
  });

  test("be late, is pending meanwhile", async () => {
    expect(await story({ outcome: "late", afterMs: 60_000 }, INSTALL_MS, 60_000)).toEqual([
      ["pending", INSTALL_MS],
      ["installed", 60_000],
    ]);
  });

  test("go backwards, is told of by an older state after it was done", async () => {
    expect(await story({ outcome: "backwards" }, INSTALL_MS, 2 * INSTALL_MS)).toEqual([
      ["installed", INSTALL_MS],
      ["installing", 0],
    ]);
  });

  test("be put off, is taken when its time has come, by the same key", async () => {
    const connection = await connect([{ outcome: "deferred", forMs: 10_000 }]);
    const step = stepFor("device-1");
    expect(await order(connection, step)).toMatchObject({
      outcome: "deferred",
      until: new Date(START + 10_000),
      reason: expect.any(String),
    });
    now = START + 9_999;
    expect(await order(connection, step)).toMatchObject({ outcome: "deferred", until: new Date(START + 10_000) });
    now = START + 10_000;
    expect(await order(connection, step)).toMatchObject({ outcome: "accepted", handle: step.key });
    expect(await toldAt(connection, step, 10_000 + INSTALL_MS)).toMatchObject({ state: "installed" });
  });

  test("have the states it lists, has just these", async () => {
    const states = [
      { afterMs: 10, state: "failed", code: "DEVICE_UNREACHABLE" },
      { afterMs: 20, state: "installed" },
      { afterMs: 30, state: "pending", observedAfterMs: 5 },
    ];
    expect(await story({ outcome: "states", states }, 9, 10, 20, 30)).toEqual([
      null,
      ["failed", 10],
      ["installed", 20],
      ["pending", 5],
    ]);
  });
});

describe("a rule", () => {
  const states = async (script: readonly Record<string, unknown>[], ...steps: readonly Step[]) => {
    const connection = await connect(script);
    await connection.apply(steps, CALM);
    now = START + INSTALL_MS;
    const { statuses } = await connection.poll(
      steps.map(({ key }) => key),
      CALM,
    );
    return statuses.map(({ state }) => state);
  };
  const steps = (count: number) => Array.from({ length: count }, (_, index) => stepFor(`device-${index + 1}`));

  test("is for all orders, or for those of its devices, apps and action", async () => {
    expect(await states([{ outcome: "failed" }], ...steps(2))).toEqual(["failed", "failed"]);
    expect(await states([{ devices: ["device-2"], outcome: "failed" }], ...steps(3))).toEqual([
      "installed",
      "failed",
      "installed",
    ]);
    expect(await states([{ every: 2, outcome: "failed" }], ...steps(4))).toEqual([
      "installed",
      "failed",
      "installed",
      "failed",
    ]);
    expect(await states([{ apps: ["7"], outcome: "failed" }], ...steps(1))).toEqual(["installed"]);
    expect(await states([{ apps: ["100"], outcome: "failed" }], ...steps(1))).toEqual(["failed"]);
    expect(await states([{ action: "remove", outcome: "failed" }], ...steps(1))).toEqual(["installed"]);
    expect(await states([{ action: "remove", outcome: "failed" }], stepFor("device-1", { action: "remove" }))).toEqual([
      "failed",
    ]);
  });

  test("that stands above another one counts first", async () => {
    expect(await states([{ devices: ["device-1"], outcome: "done" }, { outcome: "failed" }], ...steps(2))).toEqual([
      "installed",
      "failed",
    ]);
  });

  test("may be for the first orders of a device only", async () => {
    const connection = await connect([{ times: 2, outcome: "failed" }]);
    const told = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const step = stepFor("device-1");
      now = START;
      await order(connection, step);
      told.push((await toldAt(connection, step, INSTALL_MS))?.state);
    }
    expect(told).toEqual(["failed", "failed", "installed", "installed"]);
  });
});

describe("a script that makes no sense", () => {
  test.each([
    [{ outcome: "explodes" }, /script\.0\.outcome/],
    [{ outcome: "failed", code: "BROKEN" }, /script\.0\.code/],
    [{ outcome: "deferred" }, /script\.0\.forMs/],
    [{ outcome: "late", afterMs: -1 }, /script\.0\.afterMs/],
    [{ outcome: "failed", colour: "red" }, /script\.0: .*colour/],
    [{ devices: ["phone"], outcome: "failed" }, /script\.0\.devices\.0: no device of the mock is called that/],
    [
      { devices: ["device-28"], outcome: "failed" },
      /script\.0\.devices\.0: device-28 does not exist: the product has 27 devices/,
    ],
    [{ devices: [], outcome: "failed" }, /script\.0\.devices/],
    [{ apps: ["Pages"], outcome: "failed" }, /script\.0\.apps\.0: an app is named by Apple's numeric id/],
    [{ every: 0, outcome: "failed" }, /script\.0\.every/],
    [
      { outcome: "states", states: [{ afterMs: 0, state: "failed" }] },
      /script\.0\.states\.0\.code: what has failed needs a code/,
    ],
    [
      { outcome: "states", states: [{ afterMs: 0, state: "installed", code: "NO_LICENSE" }] },
      /script\.0\.states\.0\.state: only failed/,
    ],
    [
      {
        outcome: "states",
        states: [
          { afterMs: 5, state: "pending" },
          { afterMs: 4, state: "installed" },
        ],
      },
      /script\.0\.states\.1\.afterMs: comes before/,
    ],
  ])("is refused with its place and reason: %j", (rule, words) => {
    const read = mockSettings.safeParse({ script: [rule] });
    const problems = read.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
    expect(problems.join("\n")).toMatch(words);
  });
});
