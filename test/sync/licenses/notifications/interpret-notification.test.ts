import { expect, it } from "vitest";
import { interpretNotification } from "../../../../src/sync/licenses/notifications/interpret-notification.js";

function interpret(type: string, notification: unknown, uId: unknown = "7", locationId: string | null = "7") {
  const body = { notificationId: "n", notificationType: type, notification, uId };
  return interpretNotification({ id: "1", notificationId: "n", type, body, receivedAt: new Date() }, locationId);
}

it.each([
  ["ASSET_MANAGEMENT", { type: "ASSOCIATE", result: "SUCCESS", eventId: "e", assignments: [] }],
  ["USER_MANAGEMENT", { type: "RETIRE", result: "FAILURE", eventId: "e", users: [], error: { errorNumber: 9603 } }],
])("reads of %s whose event it tells of, and nothing of its result", (type, notification) => {
  expect(interpret(type, notification)).toEqual({ about: "change", eventId: "e" });
});

it("takes a change without an event for somebody else's", () => {
  expect(interpret("ASSET_MANAGEMENT", { type: "REVOKE" })).toEqual({ about: "change", eventId: null });
});

it.each([
  [
    { adamId: "12", pricingParam: "PLUS", countDelta: -3 },
    { adamId: "12", pricingParam: "PLUS" },
  ],
  [
    { adamId: 12, countDelta: "absurd" },
    { adamId: "12", pricingParam: "STDQ" },
  ],
])("reads of ASSET_COUNT which app it is, and never by how much its stock moved (%#)", (notification, app) => {
  expect(interpret("ASSET_COUNT", notification)).toEqual({ about: "stock", ...app });
});

it("reads USER_ASSOCIATED and TEST_NOTIFICATION whatever they list", () => {
  expect(interpret("USER_ASSOCIATED", { associatedUsers: [{ clientUserId: "u" }], more: 1 })).toEqual({
    about: "person",
  });
  expect(interpret("TEST_NOTIFICATION", {})).toEqual({ about: "test" });
  expect(interpret("TEST_NOTIFICATION", undefined)).toEqual({ about: "test" });
});

it.each([
  ["a type that Apple may add", "UNLIMITED_ASSET", {}],
  ["a type that is the name of something in JavaScript", "constructor", {}],
  ["no notification", "ASSET_MANAGEMENT", undefined],
  ["a notification that is a text", "USER_MANAGEMENT", "text"],
  ["a list of users in place of an object", "USER_ASSOCIATED", null],
  ["an event's id that is none", "ASSET_MANAGEMENT", { eventId: { id: 1 } }],
  ["an app's id that is missing", "ASSET_COUNT", { countDelta: 1 }],
  ["an app's id that is empty", "ASSET_COUNT", { adamId: "" }],
  ["an app's id that JavaScript has rounded", "ASSET_COUNT", { adamId: 2 ** 53 }],
])("passes over %s, and says why", (_, type, notification) => {
  expect(interpret(type, notification)).toEqual({ about: "nothing", why: expect.stringMatching(/^It .+\.$/) });
});

it("passes over what is of another location than the token's, which may be told as text or number", () => {
  const stock = { adamId: "12" };
  expect(interpret("ASSET_COUNT", stock, "8")).toMatchObject({
    about: "nothing",
    why: expect.stringContaining("another Apple location"),
  });
  expect(interpret("ASSET_COUNT", stock, 8)).toMatchObject({ about: "nothing" });
  expect(interpret("ASSET_COUNT", stock, 7)).toMatchObject({ about: "stock" });
});

it("reads one that names no location, and any while the token's is not known", () => {
  expect(interpret("ASSET_COUNT", { adamId: "12" }, null)).toMatchObject({ about: "stock" });
  expect(interpret("ASSET_COUNT", { adamId: "12" }, "8", null)).toMatchObject({ about: "stock" });
});
