import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createEpochFile } from "../src/epoch-file.js";

const record = {
  mdmId: "3f2c6a54-5f0e-4d7b-9a57-0c1b7d1f0a01",
  epoch: 7,
  instances: ["aaaaaaaa-0000-4000-8000-000000000001"],
  log: { database: "7300000000000000000:16384", position: "18446744073709551615" },
};

let directory: string;
let logged: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "allotment-epoch-"));
  logged = [];
});

afterEach(() => rm(directory, { recursive: true }));

const file = (path = directory) =>
  createEpochFile(path, pino({ level: "warn" }, { write: (line: string) => void logged.push(line) }));

it("reads what was written last, which only its owner may read, and leaves no draft behind", async () => {
  await file().write({ ...record, epoch: 6 });
  await file().write(record);
  expect(await file().read()).toEqual(record);
  expect(await readdir(directory)).toEqual(["epoch.json"]);
  expect((await stat(join(directory, "epoch.json"))).mode & 0o777).toBe(0o600);
});

it("makes the directory that is not there yet", async () => {
  await file(join(directory, "data")).write(record);
  expect(await file(join(directory, "data")).read()).toEqual(record);
});

it.each([
  ["is missing", null],
  ["is damaged", '{"mdmId":"3f2c'],
  ["is of another shape", '{"epoch":7}'],
])("remembers nothing when it %s", async (_, text) => {
  if (text !== null) await writeFile(join(directory, "epoch.json"), text);
  expect(await file().read()).toBeNull();
});

it("logs that a place cannot be written to, and goes on", async () => {
  await writeFile(join(directory, "data"), "a file, no directory");
  await file(join(directory, "data")).write(record);
  expect(logged.join("")).toContain("could not be written");
  expect(await file(join(directory, "data")).read()).toBeNull();
});
