import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DeviceNews, HolderPage, Step, TargetConnection } from "../../../src/plugins/contract.js";
import { mock } from "../../../src/plugins/mock/index.js";
import { MockProduct } from "../../../src/plugins/mock/product.js";
import { CALM, connectPlugin, stepFor } from "../../support/plugins/connect-plugin.js";

const directory = mkdtempSync(join(tmpdir(), "mock-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

let worlds = 0;
const start = Date.UTC(2026, 0, 1);
let now = start;
const connect = (settings: Record<string, unknown> = {}, random?: () => number) =>
  connectPlugin(
    mock,
    { world: `world ${++worlds}`, ...settings },
    { now: () => new Date(now), ...(random && { random }) },
  );

async function handleOf(connection: TargetConnection, step: Step): Promise<string> {
  const [outcome] = await connection.apply([step], CALM);
  return outcome?.outcome === "accepted" ? outcome.handle : JSON.stringify(outcome);
}

async function stateOf(connection: TargetConnection, handle: string): Promise<string | undefined> {
  const { statuses } = await connection.poll([handle], CALM);
  return statuses[0]?.state;
}

test("it lists the same people and devices each time, page by page", async () => {
  const read = async () => {
    const connection = await connect({ users: 7, devices: 2500, userless: 3 });
    const devices: DeviceNews[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: HolderPage<"device"> | undefined = await connection.listHolders?.("device", cursor, CALM);
      devices.push(...(page?.records ?? []));
      if (!page?.next) return { devices, complete: page?.complete };
      expect(page.complete).toBe(false);
      cursor = page.next;
    }
  };
  const [first, second] = [await read(), await read()];
  expect(first).toEqual(second);
  expect(first.complete).toBe(true);
  expect(new Set(first.devices.map(({ serial }) => serial)).size).toBe(2503);
  expect(first.devices.filter(({ userExternalId }) => userExternalId === null)).toHaveLength(3);
});

test("every fifth user has no Managed Apple Account", async () => {
  const page = await (await connect({ users: 10 })).listHolders?.("user", null, CALM);
  const invited = page?.records.filter(({ managedAppleId }) => managedAppleId === null);
  expect(invited?.map(({ externalId }) => externalId)).toEqual(["user-5", "user-10"]);
});

test("worlds of different seeds have different serial numbers", async () => {
  const serials = async (seed: number) => {
    const page = await (await connect({ seed })).listHolders?.("device", null, CALM);
    return page?.records.map(({ serial }) => serial) ?? [];
  };
  const [first, second] = [await serials(1), await serials(2)];
  expect(first.filter((serial) => second.includes(serial))).toEqual([]);
});

test("an app is installing until its time has come, and then installed; a removal likewise", async () => {
  const connection = await connect({ installMs: 1000 });
  const installed = await handleOf(connection, stepFor("device-1"));
  expect(await stateOf(connection, installed)).toBe("installing");
  now += 1000;
  expect(await stateOf(connection, installed)).toBe("installed");
  const removed = await handleOf(connection, stepFor("device-1", { action: "remove" }));
  expect(await stateOf(connection, removed)).toBe("installing");
  now += 1000;
  expect(await stateOf(connection, removed)).toBe("removed");
  expect(await stateOf(connection, installed)).toBe("unknown");
});

test("a step that is repeated begins nothing anew", async () => {
  const connection = await connect({ installMs: 1000 });
  const step = stepFor("device-1");
  const handle = await handleOf(connection, step);
  now += 1000;
  expect(await handleOf(connection, step)).toBe(handle);
  expect(await stateOf(connection, handle)).toBe("installed");
});

test("a device that is to refuse refuses, and an unknown one fails at once", async () => {
  const connection = await connect({ installMs: 0, script: [{ devices: ["device-2"], outcome: "failed" }] });
  const handle = await handleOf(connection, stepFor("device-2"));
  const { statuses } = await connection.poll([handle], CALM);
  expect(statuses).toMatchObject([{ state: "failed", failure: { code: "INSTALL_FAILED" } }]);
  const outcomes = await connection.apply([stepFor("device-999")], CALM);
  expect(outcomes).toMatchObject([{ outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } }]);
});

test("a handle nobody knows is left out of the answer", async () => {
  const connection = await connect({ installMs: 0 });
  const handle = await handleOf(connection, stepFor("device-1"));
  const { statuses } = await connection.poll(["unheard-of", handle], CALM);
  expect(statuses.map((status) => status.handle)).toEqual([handle]);
});

test("a missing APNs certificate is a finding", async () => {
  expect(await (await connect({ apns: "missing" })).check(CALM)).toMatchObject({
    ok: false,
    apns: { state: "missing" },
    findings: [{ severity: "error", code: "APNS_MISSING" }],
  });
});

test("calls fail as often as they are told to", async () => {
  const connection = await connect({ failureRate: 0.3 }, () => 0.29);
  await expect(connection.check(CALM)).rejects.toMatchObject({ kind: "transient" });
  expect((await (await connect({ failureRate: 0.3 }, () => 0.3)).check(CALM)).ok).toBe(true);
});

test("a slow call ends when it is told to", async () => {
  const connection = await connect({ latencyMs: 60_000 });
  await expect(connection.check(AbortSignal.timeout(20))).rejects.toMatchObject({ kind: "transient" });
});

test("with a file, what was answered is known to a new process, whatever it was writing when it was killed", async () => {
  const file = join(directory, "killed");
  const connection = await connect({ file, installMs: 0 });
  const handle = await handleOf(connection, stepFor("device-1"));
  appendFileSync(file, '{"key":"torn","action":"ins');
  const product = new MockProduct(file);
  product.take([{ key: "after", action: "install", adamId: "1", device: "device-2", at: start }]);
  const next = new MockProduct(file);
  next.readFile();
  expect([next.find(handle)?.order.device, next.find("after")?.order.device, next.find("torn")]).toEqual([
    "device-1",
    "device-2",
    null,
  ]);
});

test("with a file, two processes see one product", async () => {
  const file = join(directory, "shared");
  const [one, other] = [new MockProduct(file), new MockProduct(file)];
  one.take([{ key: "a", action: "install", adamId: "1", device: "device-1", at: start }]);
  other.take([{ key: "b", action: "remove", adamId: "1", device: "device-1", at: start }]);
  one.readFile();
  expect(one.find("a")?.isReplaced).toBe(true);
});

test("an order is replaced by the opposite one, and not by another for the same thing", () => {
  const product = new MockProduct(null);
  const order = { adamId: "1", device: "device-1", at: start };
  const take = (key: string, action: "install" | "remove") => product.take([{ ...order, key, action }]);
  const replaced = () => ["first", "second", "third", "fourth"].map((key) => product.find(key)?.isReplaced);
  take("first", "install");
  take("second", "install");
  expect(replaced()).toEqual([false, false, undefined, undefined]);
  take("third", "remove");
  take("fourth", "install");
  expect(replaced()).toEqual([true, true, true, false]);
});

test("a hundred thousand devices are taken in and answered for", async () => {
  const connection = await connect({ devices: 100_000, userless: 0, installMs: 0 });
  const handles: string[] = [];
  for (let from = 1; from <= 100_000; from += 1000) {
    const steps = Array.from({ length: 1000 }, (_, index) => stepFor(`device-${from + index}`));
    const outcomes = await connection.apply(steps, CALM);
    handles.push(...outcomes.flatMap((outcome) => (outcome.outcome === "accepted" ? outcome.handle : [])));
  }
  const { statuses } = await connection.poll(handles, CALM);
  expect(statuses.filter(({ state }) => state === "installed")).toHaveLength(100_000);
});
