import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Chance } from "../../soak/chance.js";
import { type Cluster, startCluster } from "../../soak/cluster.js";
import { compare } from "../../soak/compare.js";
import { playHistory } from "../../soak/history.js";
import { OptionsError, readOptions } from "../../soak/options.js";

describe("a short soak", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(inject("testServer").adminUrl);
  });
  afterAll(() => cluster.stop());

  it.each([0, 1])(
    "of history %i ends with Apple's data and ours equal, row by row",
    { timeout: 120_000 },
    async (index) => {
      const { faults, log } = await playHistory(cluster, { seed: 7, index, actions: 20 });
      expect(faults, log.join("\n")).toEqual([]);
    },
  );
});

describe("the comparison", () => {
  it("tells of each row that only one side has, or that differs", async () => {
    const counts = { total: 5, assigned: 1, available: 4, retired: 0 };
    const stored: Record<string, object[]> = {
      store_app: [{ app: "1:STDQ", ...counts }],
      license: [{ place: "1:STDQ DEVICE:A", state: "RETURNING" }],
      apple_user: [{ id: "ann", status: "REGISTERED" }],
    };
    const ours = {
      rows: async (text: string) => (stored[/FROM (\w+)/.exec(text)?.[1] ?? ""] ?? []) as never[],
      close: async () => undefined,
    };
    const truth = {
      apps: new Map([["1:STDQ", { ...counts, total: 6 }]]),
      assignments: [
        { app: "1:STDQ", holder: "DEVICE:A" },
        { app: "1:STDQ", holder: "DEVICE:B" },
      ],
      users: new Map<string, string>(),
    };
    expect(await compare(truth, ours)).toEqual([
      expect.stringMatching(/^app 1:STDQ: Apple has .*"total":6.* we have .*"total":5/),
      "holding 1:STDQ DEVICE:A: Apple has HELD, we have RETURNING",
      "holding 1:STDQ DEVICE:B: Apple has HELD, we have none",
      "registration ann: Apple has none, we have REGISTERED",
    ]);
  });
});

describe("chance", () => {
  it("chooses the same for the same seed and stream, and something else for another", () => {
    const draw = (seed: number, stream: number) => {
      const chance = new Chance(seed, stream);
      return Array.from({ length: 20 }, () => chance.between(0, 1_000));
    };
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(1, 2)).not.toEqual(draw(2, 2));
  });
});

describe("the command line", () => {
  it("plays twenty histories unless told otherwise", () => {
    expect(readOptions([])).toMatchObject({ histories: 20, seed: 1, first: 0 });
    expect(readOptions(["--histories", "3", "--seed", "9"])).toMatchObject({ histories: 3, seed: 9 });
  });

  it.each([["--histories", "none"], ["--seed", "-1"], ["--colour"]])("refuses %s %s", (...words) => {
    expect(() => readOptions(words.filter((word) => word !== undefined))).toThrow(OptionsError);
  });
});
