import { afterEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { type Office, startOffice } from "./office.js";
import {
  changeAction,
  collectionNamed,
  deploy,
  deviceCollection,
  devices,
  installations,
  statesBecome,
} from "./story.js";

/** Two services on one database, each with its API and its worker: who asks which one, and who works, makes no difference. */

const DEVICES = 12;
const LICENSES = 9;

let office: Office;
afterEach(() => office.stop());

/** The APIs of so many services. */
async function open(services: number): Promise<[ApiClient, ApiClient]> {
  office = await startOffice({ licenses: LICENSES, mock: { userless: DEVICES, installMs: 20 } });
  return [office.api, services === 2 ? await office.replicate() : office.api];
}

/** Everything is at rest: so many are held, at Apple and here, by as many holders. */
async function held(count: number): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      const holders = office.holders();
      const { heldCount } = await office.counts();
      seen = { holders, heldCount };
      return heldCount === count && holders.length === count && new Set(holders).size === count ? true : null;
    },
    () => seen,
  );
}

/** How the licences came and went in the end: each holder's, one after the other. */
async function ledger(): Promise<Record<string, string[]>> {
  const { licenses } = await office.api.ask<{
    licenses: { nodes: { holderKey: string; state: string; startCause: string; endCause: string | null }[] };
  }>(
    `query ($storeApp: ID!) { licenses(first: 500, filter: { storeApp: $storeApp }) {
       nodes { holderKey state startCause endCause } } }`,
    { storeApp: office.app.id },
  );
  const lives: Record<string, string[]> = {};
  for (const { holderKey, state, startCause, endCause } of licenses.nodes) {
    lives[holderKey] = [...(lives[holderKey] ?? []), `${startCause} ${state} ${endCause}`];
  }
  return lives;
}

interface Ending {
  readonly states: readonly string[];
  readonly ledger: Readonly<Record<string, string[]>>;
  readonly orders: readonly string[];
}

/** Deployments that meet on devices, more devices than licences, members who go, a purchase: asked of both in turn. */
async function tell([first, second]: [ApiClient, ApiClient]): Promise<Ending> {
  const all = await devices(first);
  const ids = all.sort((a, b) => a.serial.localeCompare(b.serial)).map(({ id }) => id);
  const some = await deviceCollection(first, "Some", ids.slice(0, 6));
  const others = await deviceCollection(second, "Others", ids.slice(4));
  const wish = { storeApp: office.app.id, target: office.target, licensing: "DEVICE" as const };
  const one = await deploy(first, { ...wish, collection: some, priority: 5 });
  await statesBecome(second, one, { INSTALLED: 6 });
  const other = await deploy(second, { ...wish, collection: others });
  await statesBecome(first, other, { INSTALLED: 5, WAITING_FOR_LICENSE: 3 });
  await changeAction(second, one, "UNINSTALL");
  await statesBecome(first, one, { REMOVED: 4, SUPERSEDED: 2 });
  await statesBecome(second, other, { INSTALLED: 8 });
  await second.ask(
    "mutation ($input: RemoveCollectionMembersInput!) { removeCollectionMembers(input: $input) { collection { id } } }",
    { input: { collection: others, devices: ids.slice(10) } },
  );
  await changeAction(first, one, "INSTALL");
  await statesBecome(second, one, { INSTALLED: 3, WAITING_FOR_LICENSE: 3 });
  await office.buy(DEVICES - LICENSES);
  await first.ask("mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }", {
    token: office.token,
  });
  await statesBecome(first, one, { INSTALLED: 6 });
  await held(DEVICES);
  const seen = [...(await installations(first, one)), ...(await installations(second, other))];
  const states = seen.map(({ state, want, device }) => `${device?.serial} ${want} ${state}`).sort();
  const orders = (await office.orders()).map(({ action, device }) => `${action} ${device}`).sort();
  return { states, ledger: await ledger(), orders };
}

describe("two services on one database", () => {
  it("come to the same end as one alone: states, ledger, and what the MDM was told", async () => {
    const alone = await tell(await open(1));
    await office.stop();
    expect(await tell(await open(2))).toEqual(alone);
  });

  it("make one deployment of two requests at once, and refuse the second where they are two", async () => {
    const apis = await open(2);
    const collection = await collectionNamed(apis[0], "All devices");
    const input = { storeApp: office.app.id, target: office.target, collection, licensing: "DEVICE" };
    const create = (api: ApiClient, key: string | null) =>
      api.send<{ createDeployment: { deployment: { id: string } } }>(
        "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
        { input: { ...input, idempotencyKey: key } },
      );
    const same = await Promise.all(apis.map((api) => create(api, "once")));
    const ids = new Set(same.map(({ data }) => data?.createDeployment.deployment.id));
    expect([...ids]).toEqual([expect.any(String)]);
    const [again] = await Promise.all([create(apis[1], null)]);
    expect(again.errors.map(({ extensions }) => extensions.code)).toEqual(["CONFLICT"]);
    const [id = ""] = ids;
    await statesBecome(apis[0], id ?? "", { INSTALLED: LICENSES, WAITING_FOR_LICENSE: DEVICES - LICENSES });
    await held(LICENSES);
  });

  it("give no licence twice and lose none when both turn deployments of the same devices at the same moment", async () => {
    const apis = await open(2);
    const ids = (await devices(apis[0])).map(({ id }) => id);
    const wish = { storeApp: office.app.id, target: office.target, licensing: "DEVICE" as const };
    const deployments = await Promise.all(
      apis.map(async (api, at) =>
        deploy(api, { ...wish, collection: await deviceCollection(api, `Of ${at}`, ids.slice(0, LICENSES)) }),
      ),
    );
    for (let turn = 0; turn < 6; turn += 1) {
      const action = turn % 2 === 0 ? "UNINSTALL" : "INSTALL";
      await Promise.all(deployments.map((id, at) => changeAction(apis[(at + turn) % 2] as ApiClient, id, action)));
      await new Promise((resolve) => setTimeout(resolve, turn * 40));
    }
    for (const id of deployments) await statesBecome(apis[0], id, { INSTALLED: LICENSES });
    await held(LICENSES);
    await Promise.all(deployments.map((id, at) => changeAction(apis[at] as ApiClient, id, "UNINSTALL")));
    await held(0);
  });
});
