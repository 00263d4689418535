import { expect, test } from "vitest";
import type { WebhookRequest } from "../../../src/plugins/contract.js";
import { type MdmTarget, requestOf, startMdmTarget } from "./mdm-target.js";

const SECRET = "a webhook's secret: ü";

function firstEvent({ simulator }: MdmTarget): WebhookRequest {
  const [event] = simulator.world.webhook.events;
  if (!event) throw new Error("There is no event");
  return requestOf(event);
}

test.each(["nanomdm", "micromdm"] as const)(
  "an event of %s is authentic with the right secret alone",
  async (flavour) => {
    const target = await startMdmTarget({ flavour, webhookSecret: SECRET });
    const event = firstEvent(target);
    const verify = (request: WebhookRequest) => target.connection.webhook?.verify(request);
    expect(await verify(event)).toBe(true);
    expect(await verify({ ...event, headers: {} })).toBe(false);
    expect(await verify({ ...event, headers: { authorization: "Basic bm9ib2R5Ondyb25n" } })).toBe(false);
    expect(await verify({ ...event, headers: { authorization: "Basic ????" } })).toBe(false);
    expect(await verify({ ...event, headers: { "x-hmac-signature": "" } })).toBe(false);
    expect(await verify({ ...event, headers: { "x-hmac-signature": "AAAA" } })).toBe(false);
  },
);

test("a signature is over the bytes: none that were changed are taken, whatever else proves the call", async () => {
  const target = await startMdmTarget({ webhookSecret: SECRET });
  const { headers, ...event } = firstEvent(target);
  const authorization = `Basic ${Buffer.from(`allotment:${SECRET}`).toString("base64")}`;
  const changed = { ...event, body: new TextEncoder().encode("{}") };
  const verify = (request: WebhookRequest) => target.connection.webhook?.verify(request);
  expect(await verify({ ...changed, headers })).toBe(false);
  expect(await verify({ ...changed, headers: { ...headers, authorization } })).toBe(false);
  expect(await verify({ ...changed, headers: { authorization } })).toBe(true);
});

test("the same event gives the same reading, however often it is read", async () => {
  const target = await startMdmTarget();
  await target.apply(target.step(0));
  for (const event of target.simulator.world.webhook.events) {
    const request = requestOf(event);
    expect(target.connection.webhook?.read(request)).toEqual(target.connection.webhook?.read(request));
  }
});

/** An event as anybody could write it. */
function written(event: unknown): WebhookRequest {
  const body = new TextEncoder().encode(typeof event === "string" ? event : JSON.stringify(event));
  return { headers: {}, body, receivedAt: new Date("2026-01-01T00:00:00Z") };
}

function checkinOf(plist: string, topic = "mdm.TokenUpdate") {
  const raw_payload = Buffer.from(plist).toString("base64");
  return { topic, created_at: "2025-12-31T23:59:59.123456789+00:00", checkin_event: { udid: "U", raw_payload } };
}

const entity = (declaration: string) =>
  `<?xml version="1.0"?><!DOCTYPE plist [${declaration}]><plist version="1.0"><dict><key>UDID</key><string>&a;</string></dict></plist>`;

test.each([
  ["no JSON", "hello"],
  ["no event", { hello: "world" }],
  ["no property list", checkinOf("hello")],
  ["a binary property list", checkinOf("bplist00")],
  ["one that is cut off", checkinOf("<plist><dict><key>UDID</key><string>U")],
  ["an entity", checkinOf(entity('<!ENTITY a "x">'))],
  ["an entity from a file", checkinOf(entity('<!ENTITY a SYSTEM "file:///etc/passwd">'))],
  ["entities in entities", checkinOf(entity('<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;"><!ENTITY c "x">'))],
  ["a definition from elsewhere", checkinOf(entity('<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;'))],
  ["a key that is none", checkinOf("<plist><dict><key>__proto__</key><dict/></dict></plist>")],
  ["what is nested without end", checkinOf(`<plist>${"<array>".repeat(50_000)}</plist>`)],
])("an event with %s is refused in words, without reaching for anything", async (_, event) => {
  const { connection } = await startMdmTarget();
  expect(() => connection.webhook?.read(written(event))).toThrow(
    expect.objectContaining({ name: "PluginError", kind: "internal" }),
  );
});

test("Apple's own document type is no declaration of entities", async () => {
  const { connection } = await startMdmTarget();
  const plist =
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict><key>UDID</key><string>U</string></dict></plist>';
  expect(connection.webhook?.read(written(checkinOf(plist)))).toMatchObject({
    devices: [{ externalId: "U", state: "enrolled", lastSeenAt: new Date("2025-12-31T23:59:59.123Z") }],
  });
});

test("what is not known comes along unharmed, and other topics tell nothing", async () => {
  const { connection } = await startMdmTarget();
  const plist = "<plist><dict><key>UDID</key><string>U</string><key>New</key><array><true/></array></dict></plist>";
  const event = { ...checkinOf(plist), new_field: [1] };
  expect(connection.webhook?.read(written(event)).devices).toHaveLength(1);
  const nothing = { users: [], devices: [], statuses: [], followUps: [] };
  expect(connection.webhook?.read(written(checkinOf(plist, "mdm.SetBootstrapToken")))).toEqual(nothing);
  expect(connection.webhook?.read(written({ topic: "mdm.Future" }))).toEqual(nothing);
});

test("a server whose clock runs ahead does not date news later than they came", async () => {
  const { connection } = await startMdmTarget();
  const event = { ...checkinOf("<plist><dict/></plist>"), created_at: "2030-01-01T00:00:00Z" };
  expect(connection.webhook?.read(written(event))).toMatchObject({
    devices: [{ lastSeenAt: new Date("2026-01-01T00:00:00Z") }],
  });
});
