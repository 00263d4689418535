import type { DataSource } from "typeorm";
import { expect, test } from "vitest";
import { SharedLoaders } from "../../src/resolvers/shared-loaders.js";

const db = {} as DataSource;

test("who sees the same shares loaders, whatever order the teams are named in, and who sees other things does not", () => {
  const shared = new SharedLoaders();
  const { loaders } = shared.share({ db, teams: ["red", "blue"] });
  expect(shared.share({ db, teams: ["blue", "red"] }).loaders).toBe(loaders);
  expect(shared.share({ db, teams: ["red"] }).loaders).not.toBe(loaders);
  expect(shared.share({ db, teams: null }).loaders).not.toBe(loaders);
});

test("loaders are let go with the last who shares them, and not before", () => {
  const shared = new SharedLoaders();
  const [first, second] = [shared.share({ db, teams: ["red"] }), shared.share({ db, teams: ["red"] })];
  first.leave();
  first.leave();
  const third = shared.share({ db, teams: ["red"] });
  expect(third.loaders).toBe(second.loaders);
  second.leave();
  third.leave();
  expect(shared.share({ db, teams: ["red"] }).loaders).not.toBe(third.loaders);
});
