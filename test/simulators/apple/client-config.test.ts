import { expect, test } from "vitest";
import { startCaller } from "./apple-caller.js";
import { startReceiver } from "./notification-receiver.js";

const mdmInfo = { id: "mdm-1", name: "Some MDM", metadata: "v1" };
const plain = { switches: { plainNotifications: true } };

test("client/config tells who the location is", async () => {
  const { get } = await startCaller({ name: "Berlin", countryCode: "DE" });
  expect((await get("/client/config")).body).toMatchObject({
    countryISO2ACode: "DE",
    defaultPlatform: "enterprisestore",
    locationName: "Berlin",
    websiteURL: "https://business.apple.com",
    subscribedNotificationTypes: [],
    uId: "2000000000000001",
  });
});

test("mdmInfo is stored, answered at once, and stays when a later request leaves it out", async () => {
  const { get, post } = await startCaller();
  expect((await post("/client/config", { mdmInfo })).body).toMatchObject({
    mdmInfo,
    locationName: "Example Location 1",
  });
  await post("/client/config", { notificationTypes: ["ASSET_COUNT"] });
  const { body } = await get("/client/config");
  expect(body).toMatchObject({ mdmInfo, subscribedNotificationTypes: ["ASSET_COUNT"] });
});

test("with partialConfig=replace what a request leaves out is gone, but not when it is refused", async () => {
  const { get, post } = await startCaller({ switches: { plainNotifications: true, partialConfig: "replace" } });
  const { url } = await startReceiver();
  await post("/client/config", { mdmInfo, notificationUrl: url, notificationAuthToken: "s" });
  await post("/client/config", { notificationTypes: ["NEWS"] });
  expect((await get("/client/config")).body).toMatchObject({ mdmInfo, notificationUrl: url });
  await post("/client/config", { notificationTypes: ["ASSET_COUNT"] });
  const { body } = await get("/client/config");
  expect(body.subscribedNotificationTypes).toEqual(["ASSET_COUNT"]);
  for (const field of ["mdmInfo", "notificationUrl", "notificationAuthToken"]) expect(body).not.toHaveProperty(field);
});

test("a subscription sends a test notification with the secret and is then stored and echoed", async () => {
  const { get, post } = await startCaller(plain);
  const { url, received } = await startReceiver(204);
  const settings = { notificationUrl: url, notificationAuthToken: "secret-1", notificationTypes: ["ASSET_MANAGEMENT"] };
  expect((await post("/client/config", settings)).status).toBe(200);
  expect(received).toHaveLength(1);
  expect(received[0]?.headers.authorization).toBe("Bearer secret-1");
  expect(received[0]?.body).toEqual({
    notificationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    notificationType: "TEST_NOTIFICATION",
    notification: {},
    uId: "2000000000000001",
  });
  expect((await get("/client/config")).body).toMatchObject({
    notificationUrl: url,
    notificationAuthToken: "secret-1",
    subscribedNotificationTypes: ["ASSET_MANAGEMENT"],
  });
});

test.each([500, 304, 401])("a receiver that answers %i rejects the whole configuration with 9728", async (answered) => {
  const { get, post } = await startCaller(plain);
  const { url } = await startReceiver(answered);
  const { status, body } = await post("/client/config", { mdmInfo, notificationUrl: url, notificationAuthToken: "s" });
  expect([status, body.errorNumber]).toEqual([400, 9728]);
  const config = (await get("/client/config")).body;
  expect(config).not.toHaveProperty("mdmInfo");
  expect(config).not.toHaveProperty("notificationUrl");
});

test("a redirect is not followed, even to a receiver that would accept", async () => {
  const { post } = await startCaller(plain);
  const target = await startReceiver(200);
  const { url } = await startReceiver(307, { location: target.url });
  const { body } = await post("/client/config", { notificationUrl: url, notificationAuthToken: "s" });
  expect(body.errorNumber).toBe(9728);
  expect(target.received).toEqual([]);
});

test("a receiver that is not there is 9728", async () => {
  const { post } = await startCaller(plain);
  const settings = { notificationUrl: "http://127.0.0.1:9/x", notificationAuthToken: "s" };
  expect((await post("/client/config", settings)).body.errorNumber).toBe(9728);
});

test.each([
  [9723, { mdmInfo: { id: "a", name: "b" } }],
  [9723, { mdmInfo: { id: "a", name: "b", metadata: 1 } }],
  [9724, { mdmInfo: { ...mdmInfo, id: "x".repeat(101) } }],
  [9725, { mdmInfo: { ...mdmInfo, name: "x".repeat(101) } }],
  [9713, { mdmInfo: { ...mdmInfo, metadata: "x".repeat(256) } }],
  [9602, { mdmInfo: "me" }],
  [9710, { notificationUrl: "https://mdm.example.com/n" }],
  [9710, { notificationAuthToken: "secret" }],
  [9711, { notificationUrl: `https://mdm.example.com/${"x".repeat(512)}`, notificationAuthToken: "s" }],
  [9711, { notificationUrl: "https://mdm.example.com/n", notificationAuthToken: "s".repeat(513) }],
  [9712, { notificationUrl: "http://mdm.example.com/n", notificationAuthToken: "s" }],
  [9712, { notificationUrl: "https://mdm.example.com/n?x=1", notificationAuthToken: "s" }],
  [9712, { notificationUrl: "mdm.example.com", notificationAuthToken: "s" }],
  [9602, { notificationTypes: ["NEWS"] }],
  [9602, { notificationTypes: "ASSET_COUNT" }],
])("a bad configuration is %i and stores nothing: case %#", async (errorNumber, settings) => {
  const { get, post } = await startCaller();
  const before = (await get("/client/config")).body;
  const { status, body } = await post("/client/config", settings);
  expect([status, body.errorNumber]).toEqual([400, errorNumber]);
  expect((await get("/client/config")).body).toEqual(before);
});

test("the request log hides the notification secret and holds no token", async () => {
  const { simulator, post, state } = await startCaller(plain);
  const { url } = await startReceiver(200);
  await post("/client/config", { notificationUrl: url, notificationAuthToken: "secret-1" });
  const text = JSON.stringify(await state());
  expect(text).toContain("/mdm/v2/client/config");
  expect(text).not.toContain("secret-1");
  expect(text).not.toContain(simulator.tokenFile);
});
