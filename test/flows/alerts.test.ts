import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AppleSimulatorOptions } from "../../simulators/apple/start-apple-simulator.js";
import { atRest } from "../support/at-rest.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.js";
import { type Office, startOffice } from "./office.js";
import { syncToken } from "./story.js";

let office: Office;
let receiver: WebhookReceiver;
async function open(apple: AppleSimulatorOptions = {}): Promise<void> {
  receiver = await startWebhookReceiver();
  const environment = { TARGET_HOSTS: "127.0.0.1, 169.254.0.1" };
  office = await startOffice({ licenses: 2, mock: { userless: 1 }, apple: { apps: 0, ...apple }, environment });
}

async function close(): Promise<void> {
  await office.stop();
  await receiver.stop();
}

const ADD = `mutation ($input: AddWebhookEndpointInput!) {
  addWebhookEndpoint(input: $input) { secret webhookEndpoint { id url kinds deliveredAt } } }`;
const SET = `mutation ($input: SetAlertRuleInput!) { setAlertRule(input: $input) { alertRule { id } } }`;

interface Added {
  addWebhookEndpoint: { secret: string; webhookEndpoint: { id: string } };
}
interface Message {
  type: string;
  data: Record<"raised" | "cleared", { kind: string; count: number; more: number; alerts: { subject: string }[] }[]>;
}

async function addEndpoint(kinds: string[] = []): Promise<{ id: string; secret: string }> {
  const { addWebhookEndpoint: added } = await office.api.ask<Added>(ADD, { input: { url: receiver.url, kinds } });
  return { id: added.webhookEndpoint.id, secret: added.secret };
}

/** The messages that the library finds rightly signed, once there are so many requests. */
async function verified(secret: string, requests: number): Promise<Message[]> {
  await eventually(
    async () => (receiver.received.length >= requests ? true : null),
    () => receiver.received,
  );
  const webhook = new Webhook(secret);
  return receiver.received.map(
    ({ headers, body }) => webhook.verify(body, headers as Record<string, string>) as Message,
  );
}

/** Waits until an endpoint that is added is told of nothing that was before. */
async function noticesTaken(): Promise<void> {
  await eventually(async () => {
    const notices: unknown[] = await office.database.dataSource.query("SELECT 1 FROM alert_notice");
    return notices.length === 0 ? true : null;
  });
}

async function openAlerts(filter: object): Promise<{ subject: string; message: string }[]> {
  const query = `query ($filter: AlertFilter) { alerts(filter: $filter) { nodes { subject message } } }`;
  const found = await office.api.ask<{ alerts: { nodes: { subject: string; message: string }[] } }>(query, {
    filter: { open: true, ...filter },
  });
  return found.alerts.nodes;
}

describe("a shortage", () => {
  beforeEach(() => open());
  afterEach(close);

  it("raises an alert that a webhook is told of until it takes it, and is cleared by a purchase", async () => {
    const { id, secret } = await addEndpoint(["LOW_STOCK"]);
    receiver.refuse(2, 503);
    await office.api.ask(SET, { input: { kind: "LOW_STOCK", storeApp: office.app.id, below: 3 } });

    const messages = await verified(secret, 3);
    expect(messages[0]).toMatchObject({
      type: "alerts.digest",
      data: {
        raised: [{ kind: "LOW_STOCK", count: 1, more: 0, alerts: [{ subject: office.app.id }] }],
        cleared: [],
      },
    });
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(await openAlerts({ subject: office.app.id, kind: ["LOW_STOCK"] })).toMatchObject([
      { message: expect.stringContaining("2 of 2 licences left") },
    ]);
    expect(await openAlerts({ token: office.token })).toHaveLength(1);

    await office.buy(5);
    await syncToken(office.api, office.token);
    const [, , , cleared] = await verified(secret, 4);
    expect(cleared?.data).toMatchObject({ raised: [], cleared: [{ kind: "LOW_STOCK", count: 1 }] });
    expect(await openAlerts({ token: office.token })).toEqual([]);

    const shown = () =>
      office.api.ask<{ webhookEndpoints: { nodes: { lastDelivery: { state: string } }[] } }>(
        `{ webhookEndpoints { nodes { id lastError deliveredAt lastDelivery { state attempts statusCode error }
             deliveries(filter: { state: [DELIVERED] }) { nodes { attempts type } } } } }`,
      );
    const endpoints = await eventually(async () => {
      const seen = await shown();
      return seen.webhookEndpoints.nodes[0]?.lastDelivery.state === "DELIVERED" ? seen : null;
    }, shown);
    expect(endpoints.webhookEndpoints.nodes).toMatchObject([
      {
        id,
        lastError: null,
        deliveredAt: expect.any(String),
        lastDelivery: { state: "DELIVERED", attempts: 1, statusCode: 204, error: null },
        deliveries: { nodes: [{ attempts: 1 }, { attempts: 3, type: "alerts.digest" }] },
      },
    ]);
  });

  it("is judged by a part of what was bought where the rule says so, as soon as a licence is claimed", async () => {
    await office.buy(18);
    await syncToken(office.api, office.token);
    await office.api.ask(SET, { input: { kind: "LOW_STOCK", token: office.token, belowPercent: 96 } });
    await syncToken(office.api, office.token);
    expect(await openAlerts({ subject: office.app.id })).toEqual([]);

    await office.deployTo("All devices", "DEVICE");
    const [low] = await alertsBecome("LOW_STOCK", 1);
    expect(low?.message).toContain("19 of 20 licences left, fewer than 96 %");
    await office.buy(20);
    await syncToken(office.api, office.token);
    await alertsBecome("LOW_STOCK", 0);
  });

  it("is not raised for an app whose own rule is muted, and is when that rule is removed", async () => {
    const muted = await office.api.ask<{ setAlertRule: { alertRule: { id: string } } }>(SET, {
      input: { kind: "LOW_STOCK", storeApp: office.app.id, muted: true },
    });
    await office.api.ask(SET, { input: { kind: "LOW_STOCK", belowPercent: 100, below: 100 } });
    await office.api.ask(SET, { input: { kind: "OPERATION_STUCK", token: office.token, attempts: 2 } });
    const rules = await office.api.ask<{ alertRules: { nodes: object[] } }>(
      "query ($app: ID) { alertRules(filter: { storeApp: $app }) { nodes { kind muted below storeApp { id } } } }",
      { app: office.app.id },
    );
    expect(rules.alertRules.nodes).toEqual([
      { kind: "LOW_STOCK", muted: true, below: null, storeApp: { id: office.app.id } },
    ]);
    await syncToken(office.api, office.token);
    expect(await openAlerts({ subject: office.app.id })).toEqual([]);
    await office.api.ask("mutation ($id: ID!) { removeAlertRule(input: { alertRule: $id }) { removedAlertRuleId } }", {
      id: muted.setAlertRule.alertRule.id,
    });
    await eventually(async () => ((await openAlerts({ subject: office.app.id })).length === 1 ? true : null));
  });
});

/** Waits until so many alerts of a kind are open. */
async function alertsBecome(kind: string, count: number): Promise<{ subject: string; message: string }[]> {
  let seen: { subject: string; message: string }[] = [];
  return eventually(
    async () => {
      seen = await openAlerts({ kind: [kind] });
      return seen.length === count ? seen : null;
    },
    () => seen,
  );
}

describe("a failure", () => {
  beforeEach(() => open());
  afterEach(close);

  it("of a synchronisation raises an alert that a webhook is told of, and the next good one clears it", async () => {
    const { secret } = await addEndpoint(["SYNC_FAILED"]);
    await office.control("/fail-next", { path: "/assets", status: 404, count: 1 });
    await syncToken(office.api, office.token).catch(() => undefined);
    const [failed] = await alertsBecome("SYNC_FAILED", 1);
    expect(failed).toMatchObject({ subject: office.token, message: expect.stringContaining("syncToken") });
    const [told] = await verified(secret, 1);
    expect(told?.data).toMatchObject({ raised: [{ kind: "SYNC_FAILED", alerts: [{ subject: office.token }] }] });

    await syncToken(office.api, office.token);
    await alertsBecome("SYNC_FAILED", 0);
    const [, over] = await verified(secret, 2);
    expect(over?.data).toMatchObject({ raised: [], cleared: [{ kind: "SYNC_FAILED", count: 1 }] });
  });

  it("of a change at Apple raises an alert once it was sent as often as the rule says, cleared when it comes through", async () => {
    await office.api.ask(SET, { input: { kind: "OPERATION_STUCK", token: office.token, attempts: 2 } });
    await office.control("/fail-next", { path: "/assets/associate", errorNumber: 9603, count: 3 });
    await office.deployTo("All devices", "DEVICE");
    const [stuck] = await alertsBecome("OPERATION_STUCK", 1);
    expect(stuck?.message).toMatch(/ASSOCIATE.*retryAppleOperation or abandonAppleOperation/);
    const mutation =
      "mutation ($input: RetryAppleOperationInput!) { retryAppleOperation(input: $input) { requestedAnewCount } }";
    await eventually(() => office.api.ask(mutation, { input: { appleOperation: stuck?.subject } }).catch(() => null));
    await eventually(async () => (office.holders().length === 1 ? true : null));
    await alertsBecome("OPERATION_STUCK", 0);
  });
});

describe("a token that comes near its end", () => {
  const expiresAt = new Date(Date.now() + 45 * 86_400_000);
  beforeEach(() => open({ tokenExpiresAt: expiresAt }));
  afterEach(close);

  it("raises an alert that names it and its day, until it is renewed, which a webhook is told of", async () => {
    const [expiring] = await alertsBecome("TOKENS_EXPIRE", 1);
    expect(expiring?.message).toContain(`"Head office" expires on ${expiresAt.toISOString().slice(0, 10)}`);
    expect(expiring?.message).toContain("renewToken");

    await noticesTaken();
    const { secret } = await addEndpoint(["TOKENS_EXPIRE"]);
    await office.control("/renew-token");
    await office.api.ask("mutation ($input: RenewTokenInput!) { renewToken(input: $input) { token { id } } }", {
      input: { token: office.token, file: office.apple.world.locations[0]?.token.text },
    });
    await alertsBecome("TOKENS_EXPIRE", 0);
    const [over] = await verified(secret, 1);
    expect(over?.data).toMatchObject({ raised: [], cleared: [{ kind: "TOKENS_EXPIRE", count: 1 }] });
  });
});

describe("a webhook endpoint", () => {
  beforeEach(() => open());
  afterEach(close);

  it("is tried with a message that tells of nothing, and a redirect of its is not followed", async () => {
    const { id, secret } = await addEndpoint();
    receiver.refuse(1, 302);
    await office.api.ask(
      "mutation ($id: ID!) { testWebhookEndpoint(input: { webhookEndpoint: $id }) { webhookDelivery { state attempts } } }",
      { id },
    );
    const messages = await verified(secret, 2);
    expect(messages).toMatchObject([
      { type: "webhook.test", data: { endpoint: id } },
      { type: "webhook.test", data: { endpoint: id } },
    ]);
  });

  it("has its secret shown once, and stored only sealed", async () => {
    const input = { url: receiver.url, idempotencyKey: "hook" };
    const first = await office.api.ask<Added>(ADD, { input });
    expect(first.addWebhookEndpoint.secret).toMatch(/^whsec_/);
    expect(await office.api.ask<Added>(ADD, { input })).toEqual(first);
    const key = first.addWebhookEndpoint.secret.slice("whsec_".length);
    const stored = await office.database.dataSource.query(
      "SELECT e::text AS text FROM webhook_endpoint e UNION ALL SELECT a::text FROM mutation_answer a",
    );
    expect(JSON.stringify(stored)).not.toContain(key);
  });
});

describe("refused is", () => {
  beforeAll(async () => {
    await open();
    await atRest(office.database.dataSource);
  });
  afterAll(close);

  it.each([
    ["that is no address", "hook"],
    ["of another scheme", "file:///etc/passwd"],
    ["of a host that TARGET_HOSTS does not name", "https://elsewhere.example/hook"],
    ["that is link-local", "http://169.254.0.1/latest"],
    ["with a password", "http://me:secret@127.0.0.1/hook"],
  ])("an endpoint at an address %s, and nothing is written", async (_, url) => {
    const before = await countRows(office.database.dataSource);
    const refusal = await office.api.refused(ADD, { input: { url } });
    expect(refusal.extensions).toMatchObject({ code: "INVALID_INPUT", details: { field: "url" } });
    expect(refusal.message).not.toContain("secret");
    expect(await countRows(office.database.dataSource)).toEqual(before);
  });

  it.each([
    [{ kind: "LOW_STOCK" }, "below"],
    [{ kind: "LOW_STOCK", failures: 2 }, "failures"],
    [{ kind: "LOW_STOCK", belowPercent: 101 }, "belowPercent"],
    [{ kind: "SYNC_FAILED", failures: 1, muted: true }, "muted"],
  ])("a rule that says %o, and nothing is written", async (input, field) => {
    const before = await countRows(office.database.dataSource);
    const refusal = await office.api.refused(SET, { input });
    expect(refusal.extensions).toMatchObject({ code: "INVALID_INPUT", details: { field } });
    expect(await countRows(office.database.dataSource)).toEqual(before);
  });

  it.each([{ token: "" }, { storeApp: "" }])(
    "a rule for %o, which is nothing and not all, and nothing is written",
    async (of) => {
      const before = await countRows(office.database.dataSource);
      const refusal = await office.api.refused(SET, { input: { kind: "LOW_STOCK", below: 1, ...of } });
      expect(refusal.extensions).toMatchObject({ code: "NOT_FOUND" });
      expect(await countRows(office.database.dataSource)).toEqual(before);
    },
  );
});
