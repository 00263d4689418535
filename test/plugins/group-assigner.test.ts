import { afterEach, beforeEach, expect, test } from "vitest";
import type { Step, StepStatus, TargetConnection } from "../../src/plugins/contract.js";
import { CALM, connectPlugin, stepFor } from "../support/plugins/connect-plugin.js";
import { groupAssigner } from "../support/plugins/group-assigner.js";
import { type GroupProduct, startGroupProduct } from "../support/plugins/group-product.js";

let product: GroupProduct;
let connection: TargetConnection;

beforeEach(async () => {
  product = await startGroupProduct();
  product.addApp("100", 10);
  product.addUser("ann");
  product.addDevice("phone", "ann");
  product.addDevice("tablet", "ann");
  product.addDevice("kiosk", null);
  product.addGroup("staff", "user", ["ann"]);
  product.addGroup("lobby", "device", ["kiosk", "tablet"]);
  connection = await connectPlugin(groupAssigner, { url: product.url, apiKey: product.apiKey });
});
afterEach(() => product.stop());

const whole = (name: string, fields: Partial<Step> = {}): Partial<Step> => ({
  collection: { externalId: name, name },
  ...fields,
});

async function apply(...steps: Step[]): Promise<string[]> {
  const outcomes = await connection.apply(steps, CALM);
  return outcomes.map((outcome) => (outcome.outcome === "accepted" ? outcome.handle : outcome.outcome));
}

async function statesOf(handle: string): Promise<Record<string, StepStatus["state"]>> {
  const { statuses } = await connection.poll([handle], CALM);
  return Object.fromEntries(statuses.map(({ device, state }) => [device, state]));
}

test("the steps of one collection share a handle, and each device has a status of its own", async () => {
  const decidedAt = new Date();
  const handles = await apply(
    stepFor("kiosk", whole("lobby", { decidedAt })),
    stepFor("tablet", whole("lobby", { decidedAt })),
  );
  expect(new Set(handles).size).toBe(1);
  expect(await statesOf(handles[0] ?? "")).toEqual({ kiosk: "installed", tablet: "installed" });
});

test("assignments that are not ours survive the product's replace-all", async () => {
  product.apps.get("100")?.assignments.push({ group: "foreign", intent: "required", license: "user" });
  await apply(stepFor("kiosk", whole("lobby")));
  await apply(stepFor("phone", whole("staff", { licensing: "user" })));
  expect(product.apps.get("100")?.assignments.map(({ group }) => group)).toEqual(["foreign", "lobby", "staff"]);
});

test("a step that is repeated gives the same outcome and takes no second license", async () => {
  const step = stepFor("kiosk", whole("lobby"));
  const [first] = await apply(step);
  const [second] = await apply(step);
  expect(second).toBe(first);
  expect(product.apps.get("100")?.assignments).toHaveLength(1);
  expect(product.apps.get("100")?.licenses.size).toBe(2);
});

test("one license serves all devices of a user", async () => {
  await apply(stepFor("phone", whole("staff", { licensing: "user" })));
  const held = await connection.licenses?.holders("token-1", "100", null, CALM);
  expect(held?.records).toEqual([{ kind: "user", externalId: "ann" }]);
});

test("an uninstall takes the app and its licenses away by itself, and taking them again is no error", async () => {
  await apply(stepFor("kiosk", whole("lobby")));
  const [handle] = await apply(stepFor("kiosk", whole("lobby", { action: "remove" })));
  expect(await statesOf(handle ?? "")).toEqual({ kiosk: "removed", tablet: "removed" });
  await connection.licenses?.revoke("token-1", "100", [{ kind: "device", externalId: "kiosk" }], CALM);
  expect(product.apps.get("100")?.licenses.size).toBe(0);
});

test("a device without a collection is addressed alone, and one that comes back is installed again", async () => {
  await apply(stepFor("kiosk", whole("lobby")));
  const [removal] = await apply(stepFor("kiosk", { action: "remove" }));
  expect(await statesOf(removal ?? "")).toMatchObject({ kiosk: "removed", tablet: "pending" });
  const [again] = await apply(stepFor("kiosk", whole("lobby")));
  expect(await statesOf(again ?? "")).toMatchObject({ kiosk: "installed", tablet: "installed" });
});

test("the groups that the plugin makes for itself are not listed as collections", async () => {
  await apply(stepFor("kiosk"));
  const page = await connection.listHolders?.("collection", null, CALM);
  expect(page?.records.map(({ externalId }) => externalId)).toEqual(["staff", "lobby"]);
});

test("a wrong key is the settings' fault", async () => {
  const wrong = await connectPlugin(groupAssigner, { url: product.url, apiKey: "wrong" });
  await expect(wrong.check(CALM)).rejects.toMatchObject({ kind: "config" });
});
