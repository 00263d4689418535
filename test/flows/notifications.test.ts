import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { type Office, startOffice } from "./office.js";
import { apps, statesBecome } from "./story.js";

/** A port that was free a moment ago: the service must know its address before it has one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port");
  return address.port;
}

/** An office of three people, each with a device; one of them has to be invited. Time passes slowly enough to be heard. */
async function open(environment: Readonly<Record<string, string>>): Promise<Office> {
  return startOffice({
    licenses: 10,
    mock: { users: 3, devices: 3, invitedEvery: 3 },
    apple: { switches: { plainNotifications: true } },
    environment: { TIME_SCALE: "10", ...environment },
  });
}

describe("an office that Apple can call", () => {
  let office: Office;
  beforeAll(async () => {
    const port = String(await freePort());
    office = await open({ PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` });
  }, 120_000);
  afterAll(() => office.stop());

  /** The licence of a device as the ledger has it. */
  async function licenseOf(serial: string) {
    const { licenses } = await office.api.ask<{
      licenses: { nodes: { state: string; holderKey: string; startCause: string; endCause: string | null }[] };
    }>(
      "query ($app: ID!) { licenses(first: 100, filter: { storeApp: $app }) { nodes { state holderKey startCause endCause } } }",
      { app: office.app.id },
    );
    return licenses.nodes.find(({ holderKey }) => holderKey === serial) ?? null;
  }

  it("has subscribed by itself, and shows the admin when Apple last called", async () => {
    await eventually(async () => {
      const { tokens } = await office.api.ask<{ tokens: { nodes: { notificationsAt: string | null }[] } }>(
        "{ tokens { nodes { notificationsAt } } }",
      );
      return tokens.nodes[0]?.notificationsAt ?? null;
    });
    const { alerts } = await office.api.ask<{ alerts: { nodes: { kind: string }[] } }>("{ alerts { nodes { kind } } }");
    expect(alerts.nodes).toEqual([]);
  });

  it("sees what others assign and take back, without anybody asking", async () => {
    const { adamId } = office.app;
    await office.control("/assign", { adamId, serialNumber: "BYHAND000001" });
    await eventually(() => licenseOf("BYHAND000001"));
    expect(await licenseOf("BYHAND000001")).toMatchObject({ state: "HELD", startCause: "EXTERNAL", endCause: null });
    await office.control("/unassign", { adamId, serialNumber: "BYHAND000001" });
    const ended = await eventually(async () => {
      const license = await licenseOf("BYHAND000001");
      return license?.state === "ENDED" ? license : null;
    });
    expect(ended).toMatchObject({ startCause: "EXTERNAL", endCause: "EXTERNAL" });
  });

  it("sees what is bought, of apps that it has and of new ones", async () => {
    await office.buy(5);
    await eventually(async () => ((await office.counts()).totalCount === 15 ? true : null));
    await office.control("/purchase", { adamId: "6440009009", count: 3 });
    const bought = await eventually(
      async () => (await apps(office.api, office.token)).find(({ adamId }) => adamId === "6440009009") ?? null,
    );
    expect(bought.totalCount).toBe(3);
  });

  it("gives the app to who accepts an invitation, and calls nothing its own doing somebody else's", async () => {
    const deployment = await office.deployTo("All users", "USER");
    await statesBecome(office.api, deployment, { INSTALLED: 2, WAITING_FOR_USER: 1 });
    const { users } = await office.api.ask<{
      users: { nodes: { appleUsers: { clientUserId: string; status: string }[] }[] };
    }>("{ users { nodes { appleUsers { clientUserId status } } } }");
    const invited = users.nodes.flatMap(({ appleUsers }) => appleUsers).find(({ status }) => status === "REGISTERED");
    await office.control("/accept-invitation", { clientUserId: invited?.clientUserId });
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    const { licenses } = await office.api.ask<{ licenses: { nodes: { startCause: string }[] } }>(
      "query ($app: ID!) { licenses(first: 100, filter: { storeApp: $app, state: [HELD] }) { nodes { startCause } } }",
      { app: office.app.id },
    );
    expect(licenses.nodes.map(({ startCause }) => startCause)).toEqual(["DEPLOYMENT", "DEPLOYMENT", "DEPLOYMENT"]);
  });
});

describe("an office that Apple cannot call", () => {
  let office: Office;
  beforeAll(async () => {
    office = await open({ PUBLIC_URL: `http://127.0.0.1:${await freePort()}`, TIME_SCALE: "100" });
  }, 120_000);
  afterAll(() => office.stop());

  it("is told what to do, and works all the same", async () => {
    const { message } = await eventually(async () => {
      const { alerts } = await office.api.ask<{ alerts: { nodes: { kind: string; message: string }[] } }>(
        "{ alerts { nodes { kind message } } }",
      );
      return alerts.nodes.find(({ kind }) => kind === "NOTIFICATIONS_OFF") ?? null;
    });
    expect(message).toContain("PUBLIC_URL");
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
  });
});
