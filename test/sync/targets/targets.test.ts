import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { TokenAuthority } from "../../../src/entities/token.js";
import { definePlugin, PluginError, secret } from "../../../src/plugins/contract.js";
import { mock } from "../../../src/plugins/mock/index.js";
import { prepareTarget } from "../../../src/sync/targets/add-target.js";
import { callTarget } from "../../../src/sync/targets/call-target.js";
import { checkTarget, recordCheck } from "../../../src/sync/targets/check-target.js";
import { removeTarget } from "../../../src/sync/targets/remove-target.js";
import { prepareTargetChange, updateTarget } from "../../../src/sync/targets/update-target.js";
import { SampleRows } from "../../http/sample-rows.js";
import { forget } from "../../support/forget.js";
import { useCollection } from "../holders/use-collection.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "./target-world.js";

const SECRET = "correct-horse-battery";
const connected: unknown[] = [];
let closed = 0;
let checkFails: unknown = null;

const locked = definePlugin({
  name: "locked",
  contract: 1,
  displayName: "Locked",
  settings: z.object({ url: z.url(), password: secret(), pages: z.number().int().default(10) }),
  licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: [], network: true },
  connect: (settings) => {
    connected.push(settings);
    return {
      check: async () => {
        if (checkFails !== null) throw checkFails;
        return { ok: true, apns: { state: "valid", expiresAt: null }, findings: [] };
      },
      listHolders: async () => ({ records: [], next: null, complete: true }),
      apply: async () => [],
      poll: async () => ({ statuses: [], followUps: [] }),
      close: async () => void closed++,
    };
  },
});
const caller = pluginWith({}, { name: "caller", needsPublicUrl: true });

let world: TargetWorld;
beforeAll(async () => {
  world = await createTargetWorld([locked, caller, mock]);
});
afterAll(() => world.stop());
beforeEach(async () => {
  await forget(world.core.dataSource, "deployment", "token", "collection", "target");
  connected.length = 0;
  closed = 0;
  checkFails = null;
});

const SETTINGS = { url: "https://mdm.example", password: SECRET };
const prepare = (settings: Record<string, unknown>, plugin = "locked", name = "Main") =>
  prepareTarget(world.core, { plugin, name, settings });
const use = (id: string) => world.core.targets.use(id, 1_000, async () => undefined);
const storedTargets = () => world.read("SELECT * FROM target");

describe("adding a target", () => {
  test("stores it with what its check found, and its secrets sealed", async () => {
    const id = await world.add("locked", SETTINGS);
    const [target] = await world.read<Record<string, unknown>>("SELECT * FROM target");
    expect(target).toMatchObject({ id, name: "Main", settings: { url: SETTINGS.url }, apns_state: "VALID" });
    expect(JSON.stringify(target)).not.toContain(SECRET);
    expect(closed).toBe(1);
  });

  test("gives the plugin its settings with defaults filled in", async () => {
    const id = await world.add("locked", SETTINGS);
    await use(id);
    expect(connected.at(-1)).toEqual({ ...SETTINGS, pages: 10 });
  });

  test("lists every problem of the settings, with its field and without secrets", async () => {
    const refused = prepare({ url: "nowhere", password: SECRET, pages: SECRET, colour: "red" });
    await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT" });
    const error = await refused.catch((reason) => reason);
    expect(error.details.problems).toHaveLength(3);
    expect(error.details.problems.join()).toMatch(/url: .*pages: .*colour/s);
    expect(error.message).not.toContain(SECRET);
    expect(await storedTargets()).toEqual([]);
  });

  test("names the known plugins when the one asked for is not among them", async () => {
    await expect(prepare({}, "intune")).rejects.toMatchObject({
      code: "NOT_FOUND",
      details: { known: ["caller", "locked", "mock"] },
    });
  });

  test("is refused without a public address where the plugin needs one", async () => {
    await expect(prepare({}, "caller")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(await storedTargets()).toEqual([]);
  });

  test("is refused for a name in use before anybody is asked", async () => {
    await world.add("locked", SETTINGS);
    connected.length = 0;
    await expect(prepare(SETTINGS, "locked", " Main ")).rejects.toMatchObject({ code: "CONFLICT" });
    expect(connected).toEqual([]);
  });

  test("is refused when the product refuses the settings", async () => {
    checkFails = new PluginError("config", "The password is wrong.");
    await expect(prepare(SETTINGS)).rejects.toMatchObject({ code: "TARGET_REJECTED" });
    expect(await storedTargets()).toEqual([]);
  });

  test("can be repeated later when the product is away", async () => {
    checkFails = new PluginError("transient", "It is being updated.", { retryAfterMs: 1000 });
    await expect(prepare(SETTINGS)).rejects.toMatchObject({
      code: "TARGET_UNAVAILABLE",
      details: { retryAt: expect.stringMatching(/Z$/) },
    });
  });

  test("masks what the plugin did not foresee", async () => {
    checkFails = new Error(`login with ${SECRET} failed`);
    const error = await prepare(SETTINGS).catch((reason) => reason);
    expect(error.code).toBe("INTERNAL");
    expect(error.message).not.toContain(SECRET);
  });

  test("succeeds without an APNs certificate, and says that it is missing", async () => {
    await world.add("mock", { apns: "missing" });
    expect(await storedTargets()).toMatchObject([{ apns_state: "MISSING", findings: [{ code: "APNS_MISSING" }] }]);
  });
});

describe("changing a target", () => {
  const change = async (id: string, changes: { name?: string; settings?: Record<string, unknown> }) => {
    const prepared = await prepareTargetChange(world.core, id, changes);
    await world.core.dataSource.transaction((tx) => updateTarget(tx, world.core, prepared));
  };

  test("keeps the secrets that are not given again, and live connections notice", async () => {
    const id = await world.add("locked", SETTINGS);
    await use(id);
    await change(id, { settings: { url: "https://new.example" } });
    await use(id);
    expect(connected.at(-1)).toMatchObject({ url: "https://new.example", password: SECRET });
  });

  test("of its name alone asks nobody", async () => {
    const id = await world.add("locked", SETTINGS);
    connected.length = 0;
    await change(id, { name: "Other" });
    expect(connected).toEqual([]);
    expect(await storedTargets()).toMatchObject([{ name: "Other" }]);
  });

  test("is refused when somebody else has changed it meanwhile", async () => {
    const id = await world.add("locked", SETTINGS);
    const prepared = await prepareTargetChange(world.core, id, { settings: { pages: 1 } });
    await change(id, { settings: { pages: 2 } });
    const late = world.core.dataSource.transaction((tx) => updateTarget(tx, world.core, prepared));
    await expect(late).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await storedTargets()).toMatchObject([{ settings: { pages: 2 } }]);
  });

  test("is refused when the product refuses the new settings, and the old ones stay", async () => {
    const id = await world.add("locked", SETTINGS);
    checkFails = new PluginError("rejected", "No.");
    await expect(change(id, { settings: { pages: 3 } })).rejects.toMatchObject({ code: "TARGET_REJECTED" });
    expect(await storedTargets()).toMatchObject([{ settings: { url: SETTINGS.url } }]);
  });
});

describe("a live connection", () => {
  test("is made once for many calls", async () => {
    const id = await world.add("locked", SETTINGS);
    connected.length = 0;
    await Promise.all([use(id), use(id)]);
    await callTarget(world.core, id, 1000, (connection, signal) => connection.check(signal));
    expect(connected).toHaveLength(1);
  });

  test("that is replaced during a call is closed after it", async () => {
    const id = await world.add("locked", SETTINGS);
    closed = 0;
    const closedDuringCall = await world.core.targets.use(id, 1_000, async () => {
      await world.core.targets.forget(id);
      return closed;
    });
    expect([closedDuringCall, closed]).toEqual([0, 1]);
  });
});

describe("a call", () => {
  test("ends at its deadline, also when the plugin does not", async () => {
    const id = await world.add("locked", SETTINGS);
    let fired = false;
    const endless = callTarget(world.core, id, 50, (_connection, signal) => {
      signal.addEventListener("abort", () => {
        fired = true;
      });
      return new Promise(() => undefined);
    });
    await expect(endless).rejects.toMatchObject({ name: "PluginError", kind: "transient" });
    expect(fired).toBe(true);
  });

  test("throws nothing but a PluginError", async () => {
    const id = await world.add("locked", SETTINGS);
    const broken = callTarget(world.core, id, 1000, () => Promise.reject(new TypeError(`${SECRET} is undefined`)));
    await expect(broken).rejects.toMatchObject({ name: "PluginError", kind: "internal" });
    await expect(broken).rejects.not.toThrow(SECRET);
    const unknown = "00000000-0000-4000-8000-000000000000";
    await expect(callTarget(world.core, unknown, 1000, async () => 1)).rejects.toMatchObject({ kind: "config" });
  });
});

test("a check that is repeated is stored", async () => {
  const id = await world.add("mock", { apns: "missing" });
  await world.read("UPDATE target SET apns_state = 'UNCHECKED', findings = '[]'");
  const check = await checkTarget(world.core, id);
  await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, id, check));
  expect(await storedTargets()).toMatchObject([{ apns_state: "MISSING" }]);
});

test("a target is removed unless a deployment goes through it", async () => {
  const id = await world.add("mock", {});
  const remove = () => world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, id));
  await world.read(
    "INSERT INTO collection (id, name, kind, added_at) VALUES (gen_random_uuid(), 'C', 'DEVICE', now())",
  );
  const [collection] = await world.read<{ id: string }>("SELECT id FROM collection");
  await useCollection(world, collection?.id ?? "", id);
  await expect(remove()).rejects.toMatchObject({ code: "CONFLICT", details: { deployments: 1 } });
  await world.read("DELETE FROM deployment");
  const rows = new SampleRows(world.core.dataSource);
  const mirror = await rows.token({ authority: TokenAuthority.TARGET, targetId: id, secret: null });
  await rows.mismatch(await rows.storeApp(mirror), { tokenId: mirror.id });
  await remove();
  expect(await world.read("SELECT FROM alert WHERE token_id = $1 AND cleared_at IS NULL", [mirror.id])).toEqual([]);
  expect(await storedTargets()).toEqual([]);
  await expect(remove()).rejects.toMatchObject({ code: "NOT_FOUND" });
});
