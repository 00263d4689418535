import { afterEach, beforeEach, expect, it } from "vitest";
import type { CheckResult } from "../../src/plugins/contract.js";
import { rows } from "../../src/queries/sql.js";
import { addJob } from "../../src/sync/jobs.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { startTestService, type TestService } from "../support/service.js";
import { deviceRecord } from "../sync/holders/scripted-listing.js";
import { pluginWith } from "../sync/targets/target-world.js";
import { addTarget, addToken, apps, deploy, deviceCollection, devices, importHolders, settled } from "./story.js";

/** A target without a valid APNs certificate gets no new deployments; before that it warns, and what waits says why. */

const DAY_MS = 86_400_000;

let service: TestService;
let token: string;
let target: string;
let apns: CheckResult["apns"];
let told: number;

beforeEach(async () => {
  apns = { state: "valid", expiresAt: new Date(Date.now() + 10 * DAY_MS) };
  told = 0;
  service = await startTestService({
    apple: { apps: 2, licenses: 20 },
    plugins: [
      pluginWith({
        check: async () => ({ ok: apns.state === "valid", apns, findings: [] }),
        listHolders: async (kind) => ({
          records: (kind === "device" ? [deviceRecord("ann", { serial: "SERIAL-ANN" })] : []) as never[],
          next: null,
          complete: true,
        }),
        apply: async (steps) => {
          told += steps.length;
          return steps.map(({ key }) => ({ key, outcome: "accepted", handle: key }));
        },
      }),
    ],
  });
  token = await addToken(service.api, service.apple.tokenFile);
  target = await addTarget(service.api, "scripted", {}, "Main");
  await importHolders(service.api, target);
});
afterEach(() => service.stop());

async function wish(
  place: number,
): Promise<{ storeApp: string; collection: string; target: string; licensing: "DEVICE" }> {
  const app = (await apps(service.api, token))[place];
  const members = (await devices(service.api)).map(({ id }) => id);
  const collection = await deviceCollection(service.api, `Collection ${place}`, members);
  return { storeApp: app?.id ?? "", collection, target, licensing: "DEVICE" };
}

async function openAlerts(): Promise<{ kind: string; subject: string; message: string }[]> {
  const { alerts } = await service.api.ask<{ alerts: { nodes: { kind: string; subject: string; message: string }[] } }>(
    "query { alerts(first: 10, filter: { open: true }) { nodes { kind subject message } } }",
  );
  return alerts.nodes;
}

/** What is stored; that devices are asked how far they are goes on. */
async function written(): Promise<Record<string, number>> {
  const { jobs, ...tables } = await countRows(service.database.dataSource);
  return tables;
}

async function check(): Promise<string[]> {
  const { checkTarget } = await service.api.ask<{ checkTarget: { findings: { code: string }[] } }>(
    "mutation ($target: ID!) { checkTarget(input: { target: $target }) { findings { code } } }",
    { target },
  );
  return checkTarget.findings.map(({ code }) => code);
}

it("A certificate that expires within 30 days is warned of, with the deployment and by an alert", async () => {
  expect(await openAlerts()).toMatchObject([
    { kind: "APNS_EXPIRES", subject: target, message: expect.stringContaining("expires on") },
  ]);
  const { createDeployment } = await service.api.ask<{
    createDeployment: { findings: { severity: string; code: string; remedy: string }[] };
  }>(
    "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { findings { severity code remedy } } }",
    { input: await wish(0) },
  );
  expect(createDeployment.findings).toMatchObject([
    { severity: "warning", code: "APNS_EXPIRES", remedy: expect.stringContaining("Renew it") },
  ]);
  expect(await check()).toEqual(["APNS_EXPIRES"]);
  apns = { state: "valid", expiresAt: new Date(Date.now() + 365 * DAY_MS) };
  expect(await check()).toEqual([]);
  expect(await openAlerts()).toEqual([]);
});

it("An expired certificate refuses new deployments, and what waits for the target says so until it is renewed", async () => {
  const first = await deploy(service.api, await wish(0));
  await settled(service.api, first, ["INSTALLING"]);
  const second = await wish(1);
  const finding = async () => {
    const { installations } = await service.api.ask<{
      installations: { nodes: { state: string; targetFinding: { code: string; message: string } | null }[] };
    }>("query { installations(first: 10) { nodes { state targetFinding { code message } } } }");
    return installations.nodes;
  };
  expect(await finding()).toEqual([{ state: "INSTALLING", targetFinding: null }]);

  // Nobody has checked since: the date that is known is enough.
  await rows(service.database.dataSource, "UPDATE target SET apns_expires_at = now() - interval '1 day'");
  const before = await written();
  const stepsBefore = told;
  await expect(deploy(service.api, second)).rejects.toThrow(/APNs certificate of .+ expired/);
  expect(await written()).toEqual(before);
  expect(told).toBe(stepsBefore);
  expect(await finding()).toMatchObject([{ state: "INSTALLING", targetFinding: { code: "APNS_EXPIRED" } }]);

  apns = { state: "valid", expiresAt: new Date(Date.now() + 365 * DAY_MS) };
  await check();
  expect(await finding()).toEqual([{ state: "INSTALLING", targetFinding: null }]);
  await deploy(service.api, second);
});

it("What has become of a certificate is noticed by the daily check", async () => {
  apns = { state: "missing", expiresAt: null };
  await service.database.dataSource.transaction(async (tx) => {
    for (const { id } of await rows<{ id: string }>(tx, "SELECT id FROM target")) {
      await addJob(tx, "check-target", { targetId: id });
    }
  });
  await eventually(async () =>
    (await openAlerts()).some(({ message }) => message.includes("has no APNs")) ? true : null,
  );
});
