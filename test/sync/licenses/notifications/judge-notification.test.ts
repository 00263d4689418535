import { expect, it } from "vitest";
import type { Interpretation } from "../../../../src/sync/licenses/notifications/interpret-notification.js";
import {
  judgeNotification,
  type NotificationFacts,
} from "../../../../src/sync/licenses/notifications/judge-notification.js";

const facts: NotificationFacts = {
  operations: new Map([
    ["sent", { id: "1", sent: true }],
    ["settled", { id: "2", sent: false }],
  ]),
  sending: false,
  apps: new Map([["12:STDQ", "5"]]),
};

function judge(read: Interpretation, own: Partial<NotificationFacts> = {}, patient = true) {
  return judgeNotification(read, { ...facts, ...own }, patient);
}

const change = (eventId: string | null): Interpretation => ({ about: "change", eventId });

it("has the event of an operation that waits for it looked at", () => {
  expect(judge(change("sent"))).toMatchObject({ next: "look", operationId: "1" });
});

it("lets our own operations be when they need no hint, even while others are being sent", () => {
  expect(judge(change("settled"))).toMatchObject({ next: "nothing" });
  expect(judge(change("settled"), { sending: true })).toMatchObject({ next: "nothing" });
});

it("waits with an unknown event while one of ours may be it", () => {
  expect(judge(change("unknown"), { sending: true })).toEqual({ next: "wait" });
});

it("waits no longer than its time, however long something is being sent", () => {
  expect(judge(change("unknown"), { sending: true }, false)).toMatchObject({ next: "sync", atOnce: false });
});

it("has others' changes read, and waits for nothing where no event is named", () => {
  expect(judge(change("unknown"))).toMatchObject({ next: "sync", atOnce: false });
  expect(judge(change(null), { sending: true })).toMatchObject({ next: "sync", atOnce: false });
});

it("has the counts of an app read whose stock has moved, and everything that is new where the app is", () => {
  expect(judge({ about: "stock", adamId: "12", pricingParam: "STDQ" })).toMatchObject({
    next: "count",
    storeAppId: "5",
  });
  expect(judge({ about: "stock", adamId: "12", pricingParam: "PLUS" })).toMatchObject({ next: "sync", atOnce: false });
});

it("has read at once what a person waits for", () => {
  expect(judge({ about: "person" })).toMatchObject({ next: "sync", atOnce: true });
});

it("does nothing over tests and what was passed over, and keeps the reason", () => {
  expect(judge({ about: "test" })).toMatchObject({ next: "nothing" });
  expect(judge({ about: "nothing", why: "It is odd." })).toEqual({
    next: "nothing",
    outcome: "Passed over. It is odd.",
  });
});
