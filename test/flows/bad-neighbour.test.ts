import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { BadNeighbour } from "../support/plugins/bad-neighbour.js";
import { startTestService, type TestService } from "../support/service.js";
import { explain } from "./explain.js";
import {
  addTarget,
  addToken,
  apps,
  changeAction,
  collectionNamed,
  countStates,
  deploy,
  importHolders,
  installations,
  settled,
  syncToken,
} from "./story.js";

const HANGS = "hangs, and does not end when it is told to";
const DEVICES = 2;

let neighbour: BadNeighbour;
let service: TestService;
let api: ApiClient;
let token: string;
let app: string;
beforeEach(async () => {
  neighbour = new BadNeighbour();
  service = await startTestService({ apple: { apps: 1, licenses: 100 }, plugins: [neighbour.plugin, neighbour.owner] });
  api = service.api;
  token = await addToken(api, service.apple.tokenFile);
  const [first] = await apps(api, token);
  app = first?.id ?? "";
});
afterEach(async () => {
  neighbour.letGo();
  await service.stop();
});

interface Deployed {
  readonly target: string;
  readonly deployment: string;
}

async function deployAtNeighbour(number: number, does: string): Promise<Deployed> {
  const target = await addTarget(api, "bad-neighbour", { number, does, devices: DEVICES }, `${number} ${does}`);
  await importHolders(api, target);
  const collection = await collectionNamed(api, `bad ${number}`, target);
  return { target, deployment: await deploy(api, { storeApp: app, collection, target, licensing: "DEVICE" }) };
}

/** Installs and uninstalls at a target that behaves well, from its first import to its last licence. */
async function playGoodStory(): Promise<void> {
  const target = await addTarget(api, "mock", { users: 0, devices: 0, userless: 5, installMs: 10 }, "Good");
  await importHolders(api, target);
  const collection = await collectionNamed(api, "All devices", target);
  const deployment = await deploy(api, { storeApp: app, collection, target, licensing: "DEVICE" });
  expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: 5 });
  await changeAction(api, deployment, "UNINSTALL");
  expect(countStates(await settled(api, deployment, ["REMOVED"]))).toEqual({ REMOVED: 5 });
}

interface Circuit {
  readonly state: "CLOSED" | "OPEN" | "HALF_OPEN";
  readonly since: string | null;
  readonly until: string | null;
  readonly consecutiveFailures: number;
  readonly lastError: string | null;
  readonly lastFailedAt: string | null;
}

async function circuitOf(target: string): Promise<Circuit> {
  const query = `query ($target: ID!) {
    target(id: $target) { circuit { state since until consecutiveFailures lastError lastFailedAt } } }`;
  return (await api.ask<{ target: { circuit: Circuit } }>(query, { target })).target.circuit;
}

async function opened(target: string): Promise<Circuit> {
  let seen: unknown;
  return eventually(
    async () => {
      const circuit = await circuitOf(target);
      seen = circuit;
      return circuit.consecutiveFailures >= 3 && circuit.state === "OPEN" ? circuit : null;
    },
    () => seen,
  );
}

async function openAlerts(): Promise<{ subject: string; message: string }[]> {
  const { alerts } = await api.ask<{ alerts: { nodes: { subject: string; message: string }[] } }>(
    "query { alerts(first: 100, filter: { open: true, kind: [TARGET_FAILING] }) { nodes { subject message } } }",
  );
  return alerts.nodes;
}

const askForImport = (target: string) =>
  api.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", { target });
const check = (target: string) =>
  api.ask("mutation ($target: ID!) { checkTarget(input: { target: $target }) { ok } }", { target });

/** Jobs of a target that workers are at. */
async function slotsOf(target: string): Promise<number> {
  const id = Buffer.from(target, "base64url").toString("utf8").split(":")[1];
  const jobs = await service.database.dataSource.query(
    "SELECT FROM graphile_worker._private_jobs WHERE payload ->> 'targetId' = $1 AND locked_at IS NOT NULL",
    [id],
  );
  return jobs.length;
}

describe("bad neighbours", () => {
  it("slow no other target, are left alone and told of, and go on when they are mended", async () => {
    const manners = Object.keys(neighbour.behaviour).filter((does) => does !== HANGS);
    const bad = await Promise.all(manners.map((does, index) => deployAtNeighbour(index, does)));
    await playGoodStory();

    for (const { target, deployment } of bad) {
      const circuit = await opened(target);
      expect(circuit).toMatchObject({ lastError: expect.stringMatching(/\.$/), since: expect.any(String) });
      const [installation] = await installations(api, deployment);
      const [told] = await explain(api, { installation: installation?.id ?? "" });
      expect(told?.chain).toContainEqual(
        expect.objectContaining({ cause: "TARGET_PAUSED", evidence: expect.stringContaining("failed") }),
      );
    }
    const alerts = await openAlerts();
    expect(alerts.map(({ subject }) => subject).sort()).toEqual(bad.map(({ target }) => target).sort());

    neighbour.isMended = true;
    for (const { target } of bad) await check(target);
    for (const { target, deployment } of bad) {
      expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: DEVICES });
      expect(await circuitOf(target)).toEqual({
        state: "CLOSED",
        since: null,
        until: null,
        consecutiveFailures: 0,
        lastError: null,
        lastFailedAt: null,
      });
    }
    expect(await openAlerts()).toEqual([]);
  });

  it("that hang take one slot each, whatever else is due there, while another target's story goes on to its end", async () => {
    const bad = await Promise.all(Array.from({ length: 5 }, (_, index) => deployAtNeighbour(index, HANGS)));
    await eventually(async () => (neighbour.hanging === bad.length ? true : null));
    for (const { target } of bad) {
      await askForImport(target);
    }
    await playGoodStory();
    expect(neighbour.hanging).toBe(bad.length);
    for (const { target } of bad) expect(await slotsOf(target)).toBe(1);
  });

  it("whose listing hangs hold up nothing but their own import", async () => {
    const settings = { number: 1, does: HANGS, devices: 1, listingHangs: true };
    const target = await addTarget(api, "bad-neighbour", settings);
    await askForImport(target);
    await eventually(async () => (neighbour.hanging === 1 ? true : null));
    await playGoodStory();
    expect(await slotsOf(target)).toBe(1);
  });

  it("keep nobody from asking Apple, however many of them hang at once", async () => {
    const COUNT = 12;
    for (let number = 0; number < COUNT; number += 1) {
      const settings = { number, does: HANGS, devices: 1, listingHangs: true };
      const target = await addTarget(api, "bad-neighbour", settings, `${number}`);
      await askForImport(target);
    }
    // As many as one process works on.
    await eventually(async () => (neighbour.hanging === 10 ? true : null));
    await syncToken(api, token);
    expect(neighbour.hanging).toBe(10);
  });

  it("keep nobody from asking Apple, either, by never reading the tokens that they own", async () => {
    const COUNT = 12;
    for (let number = 0; number < COUNT; number += 1) await addTarget(api, "bad-owner", { number }, `${number}`);
    await eventually(async () => (neighbour.hanging === 10 ? true : null));
    await syncToken(api, token);
    expect(neighbour.hanging).toBe(10);
  });
});
