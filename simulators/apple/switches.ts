import { z } from "zod";
import { MAX_MS, milliseconds } from "../switches/milliseconds.js";

/** Apple's limits as its service/config sample shows them. */
const appleLimits = {
  maxAssets: 25,
  maxClientUserIds: 1000,
  maxSerialNumbers: 1000,
  maxRevokeClientUserIds: 100,
  maxRevokeSerialNumbers: 100,
  maxUsers: 100,
  maxNotificationLength: 512,
  maxMdmIdLength: 100,
  maxMdmNameLength: 100,
  maxMdmMetadataLength: 255,
  maxRequestPerSecond: 15,
};

export type Limits = typeof appleLimits;

const limit = z.int().min(1).max(1_000_000).optional();

/** What the switches accept; every one may be left out. */
export const switchesInput = z.strictObject({
  eventDelayMs: milliseconds,
  eventTasksPerSecond: z.int().min(0).max(1_000_000).optional(),
  completeLagMs: z.int().min(-MAX_MS).max(MAX_MS).optional(),
  countLagMs: milliseconds,
  pageSize: z.int().min(1).max(10_000).optional(),
  errorTransport: z.enum(["status", "body"]).optional(),
  shortage: z.enum(["excess", "asset"]).optional(),
  unknownUser: z.enum(["async", "sync"]).optional(),
  repeats: z.enum(["done", "failed"]).optional(),
  deltaRemovals: z.boolean().optional(),
  overdrawn: z.enum(["zero", "negative"]).optional(),
  tokenExpirationDate: z.enum(["always", "within15Days"]).optional(),
  enforceRate: z.boolean().optional(),
  plainNotifications: z.boolean().optional(),
  notificationLoss: z.number().min(0).max(1).optional(),
  notificationDuplicates: z.number().min(0).max(1).optional(),
  notificationDelayMs: milliseconds,
  notificationRetryMs: milliseconds,
  notificationReorder: z.boolean().optional(),
  notificationBeforeStatus: z.boolean().optional(),
  retryAfter: z.enum(["seconds", "date", "none"]).optional(),
  renewalRevokes: z.enum(["atOnce", "later"]).optional(),
  renewalRevokesAfterMs: milliseconds,
  readOnlyReads: z.enum(["all", "lists"]).optional(),
  mdmInfo: z.enum(["always", "clientConfig"]).optional(),
  mdmInfoUnset: z.enum(["absent", "null"]).optional(),
  partialConfig: z.enum(["keep", "replace"]).optional(),
  versionIdLifetimeMs: milliseconds,
  keptRequests: z.int().min(0).max(1_000_000).optional(),
  badManagedAppleIds: z.array(z.string()).optional(),
  limits: z
    .strictObject({
      maxAssets: limit,
      maxClientUserIds: limit,
      maxSerialNumbers: limit,
      maxRevokeClientUserIds: limit,
      maxRevokeSerialNumbers: limit,
      maxUsers: limit,
      maxNotificationLength: limit,
      maxMdmIdLength: limit,
      maxMdmNameLength: limit,
      maxMdmMetadataLength: limit,
      maxRequestPerSecond: limit,
    })
    .optional(),
});

export type SwitchesInput = z.infer<typeof switchesInput>;

/** Where Apple's behaviour is uncertain or differs in the field, a switch chooses. The README has the table. */
export interface Switches {
  eventDelayMs: number;
  eventTasksPerSecond: number;
  completeLagMs: number;
  countLagMs: number;
  pageSize: number;
  errorTransport: "status" | "body";
  shortage: "excess" | "asset";
  unknownUser: "async" | "sync";
  repeats: "done" | "failed";
  deltaRemovals: boolean;
  overdrawn: "zero" | "negative";
  tokenExpirationDate: "always" | "within15Days";
  enforceRate: boolean;
  plainNotifications: boolean;
  notificationLoss: number;
  notificationDuplicates: number;
  notificationDelayMs: number;
  notificationRetryMs: number;
  notificationReorder: boolean;
  notificationBeforeStatus: boolean;
  retryAfter: "seconds" | "date" | "none";
  renewalRevokes: "atOnce" | "later";
  renewalRevokesAfterMs: number;
  readOnlyReads: "all" | "lists";
  mdmInfo: "always" | "clientConfig";
  mdmInfoUnset: "absent" | "null";
  partialConfig: "keep" | "replace";
  versionIdLifetimeMs: number;
  keptRequests: number;
  badManagedAppleIds: string[];
  limits: Limits;
}

export function defaultSwitches(): Switches {
  return {
    eventDelayMs: 200,
    eventTasksPerSecond: 0,
    completeLagMs: 0,
    countLagMs: 0,
    pageSize: 1000,
    errorTransport: "status",
    shortage: "excess",
    unknownUser: "async",
    repeats: "done",
    deltaRemovals: false,
    overdrawn: "zero",
    tokenExpirationDate: "always",
    enforceRate: false,
    plainNotifications: false,
    notificationLoss: 0,
    notificationDuplicates: 0,
    notificationDelayMs: 0,
    notificationRetryMs: 60_000,
    notificationReorder: false,
    notificationBeforeStatus: false,
    retryAfter: "seconds",
    renewalRevokes: "atOnce",
    renewalRevokesAfterMs: 60_000,
    readOnlyReads: "all",
    mdmInfo: "always",
    mdmInfoUnset: "absent",
    partialConfig: "keep",
    versionIdLifetimeMs: 0,
    keptRequests: 10_000,
    badManagedAppleIds: [],
    limits: { ...appleLimits },
  };
}
