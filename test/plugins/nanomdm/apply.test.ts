import { describe, expect, test } from "vitest";
import { PluginError, type StepOutcome } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { startMdmTarget } from "./mdm-target.js";

describe.each(["nanomdm", "micromdm"] as const)("with %s", (flavour) => {
  test("a step that is told twice has one outcome and one command, also in other company", async () => {
    const target = await startMdmTarget({ flavour, devices: 2 });
    await target.control("/online", { online: false });
    const step = target.step(0);
    const [first] = await target.connection.apply([step], CALM);
    const second = await target.connection.apply([target.step(1), step], CALM);
    expect(second[1]).toEqual(first);
    expect(first).toMatchObject({ outcome: "accepted" });
    expect(target.simulator.world.enrollments.get(target.id(0))?.queue.all).toHaveLength(1);
  });

  test("a command whose answer was lost is found queued", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/online", { online: false });
    const path = flavour === "nanomdm" ? "/v1/enqueue" : "/v1/commands";
    await target.control("/fail-next", { path, method: flavour === "nanomdm" ? "PUT" : "POST", mode: "afterEffect" });
    const step = target.step(0);
    await expect(target.connection.apply([step], CALM)).rejects.toMatchObject({ kind: "transient" });
    expect(await target.connection.apply([step], CALM)).toMatchObject([{ outcome: "accepted" }]);
    expect(target.simulator.world.enrollments.get(target.id(0))?.queue.all).toHaveLength(1);
  });

  test("a wrong API key is told as such, and in no message", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/api-key", { apiKey: "another" });
    const refused = await target.connection.apply([target.step(0)], CALM).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PluginError);
    expect(refused).toMatchObject({ kind: "config", message: expect.stringContaining("API key") });
    expect(JSON.stringify(refused)).not.toContain(target.simulator.apiKey);
  });

  test("a server that is busy is left alone for as long as it says", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/fail-next", { status: 429, retryAfter: 7 });
    await expect(target.connection.apply([target.step(0)], CALM)).rejects.toMatchObject({
      kind: "transient",
      options: { retryAfterMs: 7000 },
    });
  });

  test("a failure in the midst of it keeps what was queued before", async () => {
    const target = await startMdmTarget({ flavour, devices: 60 });
    const steps = Array.from({ length: 60 }, (_, index) => target.step(index));
    const first = await target.connection.apply(steps.slice(0, 1), CALM);
    await target.control("/fail-next", { path: target.id(40), count: 2, status: 503 });
    const outcomes = await target.connection.apply(steps, CALM);
    const count = (outcome: StepOutcome["outcome"]) => outcomes.filter((one) => one.outcome === outcome).length;
    expect(outcomes).toHaveLength(60);
    expect(outcomes[0]).toEqual(first[0]);
    expect(count("accepted")).toBeGreaterThan(20);
    expect(count("accepted") + count("deferred")).toBe(60);
    expect(outcomes[40]).toMatchObject({ outcome: "deferred", until: expect.any(Date) });
  });

  test("a step that the server rejects fails alone, and is in no other's way", async () => {
    const target = await startMdmTarget({ flavour, devices: 40 });
    await target.control("/fail-next", { path: target.id(0), status: 400 });
    const outcomes = await target.connection.apply(
      Array.from({ length: 40 }, (_, index) => target.step(index)),
      CALM,
    );
    expect(outcomes[0]).toMatchObject({ outcome: "failed", failure: { code: "REJECTED_BY_TARGET" } });
    expect(new Set(outcomes.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(["accepted"]));
  });

  test("an app whose bundle id is not known yet waits for it", async () => {
    const target = await startMdmTarget({ flavour });
    const step = target.step(0);
    const [outcome] = await target.connection.apply([{ ...step, app: { ...step.app, bundleId: null } }], CALM);
    expect(outcome).toMatchObject({ outcome: "deferred", reason: expect.stringContaining("bundle id") });
    expect(target.requests("command")).toEqual([]);
  });

  test("an id that could name several devices is none", async () => {
    const target = await startMdmTarget({ flavour });
    const step = target.step(0);
    const device = { ...step.device, externalId: `${target.id(0)},${target.id(1)}` };
    expect(await target.connection.apply([{ ...step, device }], CALM)).toMatchObject([
      { outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } },
    ]);
  });

  test("a call that is given up ends soon, as one that is worth another try", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/slow", { ms: 60_000 });
    const controller = new AbortController();
    const calls = target.connection.apply([target.step(0)], controller.signal);
    controller.abort();
    await expect(calls).rejects.toMatchObject({ kind: "transient" });
  });

  test("handles are followed up by asking the device, and others left alone", async () => {
    const target = await startMdmTarget({ flavour });
    const [outcome] = await target.connection.apply([target.step(0)], CALM);
    const handle = outcome?.outcome === "accepted" ? outcome.handle : "";
    expect(await target.connection.poll(["unheard-of", handle, "other@device"], CALM)).toEqual({
      statuses: [],
      followUps: [{ handle, device: target.id(0), afterMs: 0 }],
    });
    const verify = target.step(0, { action: "verify", handle });
    expect(await target.apply(verify)).toEqual({ key: verify.key, outcome: "accepted", handle });
    expect(await target.apply(target.step(0, { action: "verify", handle: "unheard-of" }))).toMatchObject({
      outcome: "failed",
    });
  });
});

test("a device that NanoMDM does not know fails as data, and no other step with it", async () => {
  const target = await startMdmTarget();
  const unknown = target.step(9);
  const outcomes = await target.connection.apply([unknown, target.step(0)], CALM);
  expect(outcomes).toMatchObject([
    { outcome: "failed", failure: { code: "DEVICE_UNKNOWN", remedy: expect.stringContaining("Enrol") } },
    { outcome: "accepted" },
  ]);
});

test.each([
  ["MySQL", "Error 1062 (23000): Duplicate entry 'x' for key 'commands.PRIMARY'"],
  ["MySQL in German", "Error 1062 (23000): Doppelter Eintrag 'x' für Schlüssel 'commands.PRIMARY'"],
  ["PostgreSQL", 'pq: duplicate key value violates unique constraint "commands_pkey"'],
  ["PostgreSQL in German", "pq: doppelter Schlüsselwert verletzt Unique-Constraint »commands_pkey«"],
  ["another driver", "FEHLER: doppelter Schlüsselwert (SQLSTATE 23505)"],
  ["SQLite", "constraint failed: UNIQUE constraint failed: commands.command_uuid (1555)"],
  ["the key-value storage", "command already exists: x"],
])("a command that %s says to have is queued", async (_, commandError) => {
  const target = await startMdmTarget();
  await target.control("/fail-next", { path: "/v1/enqueue", status: 500, commandError });
  expect(await target.apply(target.step(0))).toMatchObject({ outcome: "accepted" });
});

test.each([
  ["MySQL", "Error 1452 (23000): Kann Kind-Zeile nicht hinzufügen (`nanomdm`.`enrollment_queue`)"],
  [
    "PostgreSQL",
    'pq: insert or update on table "enrollment_queue" violates foreign key constraint "enrollment_queue_id_fkey"',
  ],
  ["PostgreSQL in German", "pq: »enrollment_queue« verletzt Fremdschlüssel-Constraint »enrollment_queue_id_fkey«"],
  ["another driver", "FEHLER: Fremdschlüssel (SQLSTATE 23503)"],
  ["SQLite", "FOREIGN KEY constraint failed"],
])("a device that %s does not find is unknown", async (_, commandError) => {
  const target = await startMdmTarget();
  await target.control("/fail-next", { path: "/v1/enqueue", status: 500, commandError });
  expect(await target.apply(target.step(0))).toMatchObject({ failure: { code: "DEVICE_UNKNOWN" } });
});

test("a key-value storage takes commands for devices that nobody knows", async () => {
  const target = await startMdmTarget({ switches: { storage: "kv" } });
  const [outcome] = await target.connection.apply([target.step(9)], CALM);
  expect(outcome).toMatchObject({ outcome: "accepted" });
  expect(await target.connection.apply([target.step(9, { key: outcome?.key ?? "" })], CALM)).toEqual([outcome]);
});

test("a push that fails leaves the step accepted, since its command is queued", async () => {
  const target = await startMdmTarget({ switches: { pushErrors: 1 } });
  expect(await target.apply(target.step(0))).toMatchObject({ outcome: "accepted" });
  await target.control("/fail-next", { path: "/v1/push", status: 503 });
  expect(await target.apply(target.step(0))).toMatchObject({ outcome: "accepted" });
});

test("a storage that fails puts the step off, in the server's words but without its secrets", async () => {
  const target = await startMdmTarget();
  const commandError = `dial tcp: connection refused (${target.simulator.apiKey})`;
  await target.control("/fail-next", { path: "/v1/enqueue", status: 500, commandError });
  const outcome = await target.apply(target.step(0));
  expect(outcome).toMatchObject({ outcome: "deferred", reason: expect.stringContaining("connection refused") });
  expect(JSON.stringify(outcome)).not.toContain(target.simulator.apiKey);
});

test("MicroMDM without a view of its queue is sent the command all the same", async () => {
  for (const queueView of ["none", "flat"] as const) {
    const target = await startMdmTarget({ flavour: "micromdm", switches: { queueView } });
    expect(await target.apply(target.step(0))).toMatchObject({ outcome: "accepted" });
    expect(target.requests("POST")).toHaveLength(1);
  }
});

test("MicroMDM is not sent again what its history has; without a history, only what is still queued", async () => {
  for (const commandHistory of [true, false]) {
    const target = await startMdmTarget({ flavour: "micromdm", switches: { commandHistory } });
    const step = target.step(0);
    await target.apply(step);
    await target.apply(step);
    expect(target.requests("POST")).toHaveLength(commandHistory ? 1 : 2);
  }
});
