import type { SwitchesInput } from "../../simulators/apple/switches.js";
import type { Chance } from "../chance.js";

/** How the simulated Apple behaves in one stretch of a history, wherever Apple's own behaviour is not known. */
export function weather(chance: Chance): SwitchesInput {
  return {
    eventDelayMs: chance.between(0, 20),
    eventTasksPerSecond: chance.one([0, 0, 100]),
    completeLagMs: chance.one([0, 0, -10, 10]),
    countLagMs: chance.one([0, 0, 100]),
    pageSize: chance.between(3, 25),
    errorTransport: chance.one(["status", "body"]),
    shortage: chance.one(["excess", "asset"]),
    unknownUser: chance.one(["async", "sync"]),
    repeats: chance.one(["done", "failed"]),
    deltaRemovals: chance.happens(0.5),
    overdrawn: chance.one(["zero", "negative"]),
    tokenExpirationDate: chance.one(["always", "within15Days"]),
    notificationLoss: chance.one([0, 0.3, 1]),
    notificationDuplicates: chance.one([0, 0.5]),
    notificationDelayMs: chance.one([0, 30]),
    notificationRetryMs: 100,
    notificationReorder: chance.happens(0.3),
    notificationBeforeStatus: chance.happens(0.3),
    retryAfter: chance.one(["seconds", "date", "none"]),
    mdmInfo: chance.one(["always", "clientConfig"]),
    mdmInfoUnset: chance.one(["absent", "null"]),
    partialConfig: chance.one(["keep", "replace"]),
    versionIdLifetimeMs: chance.one([0, 0, 500]),
    renewalRevokes: chance.one(["atOnce", "later"]),
    renewalRevokesAfterMs: 100,
    readOnlyReads: chance.one(["all", "lists"]),
    plainNotifications: true,
    enforceRate: chance.happens(0.3),
    limits: {
      maxAssets: 25,
      maxRequestPerSecond: chance.one([60, 1_000]),
      maxUsers: chance.between(2, 10),
      maxClientUserIds: chance.between(2, 20),
      maxSerialNumbers: chance.between(2, 20),
    },
  };
}

/** What is turned off when a history comes to rest; the rest of the weather stays. */
export const CALM: SwitchesInput = {
  eventDelayMs: 0,
  eventTasksPerSecond: 0,
  completeLagMs: 0,
  countLagMs: 0,
  enforceRate: false,
  notificationLoss: 0,
  notificationDuplicates: 0,
  notificationDelayMs: 0,
  notificationReorder: false,
};
