import assert from "node:assert/strict";
import { z } from "zod";
import {
  APNS_STATES,
  DEVICE_APP_STATES,
  DEVICE_STATES,
  FAILURE_CODES,
  FINDING_SEVERITIES,
  MAX_CURSOR_CHARACTERS,
  MAX_HANDLE_BYTES,
  MAX_ID_BYTES,
  MAX_PAGE_RECORDS,
  TARGET_TOKEN_STATES,
} from "../src/plugins/contract.js";

const UNSTORABLE = /\0|\p{Surrogate}/u;

const id = nameOf(MAX_ID_BYTES);
const handle = nameOf(MAX_HANDLE_BYTES);
const words = z.string();
const time = z.date();
const failure = z.object({ code: z.enum(FAILURE_CODES), detail: words.min(1), remedy: words.optional() });

const status = z
  .object({
    handle,
    device: id,
    state: z.enum(DEVICE_APP_STATES),
    observedAt: time,
    failure: failure.optional(),
  })
  .refine(({ state, failure: why }) => state !== "failed" || why !== undefined, "`failed` needs a `failure`")
  .refine(
    ({ state, failure: why }) => state !== "needs-user" || why === undefined || why.code === "NEEDS_USER",
    "`needs-user` says what to do as NEEDS_USER",
  );

const statuses = {
  statuses: z.array(status),
  followUps: z.array(z.object({ handle, device: id, afterMs: z.number().min(0) })),
};

const user = z.object({
  externalId: id,
  principalName: words.nullable(),
  displayName: words.nullable(),
  email: words.nullable(),
  managedAppleId: words.nullable(),
});

const device = z.object({
  externalId: id,
  serial: words.nullable().optional(),
  udid: words.nullable().optional(),
  name: words.nullable().optional(),
  platform: z.enum(["iOS", "macOS", "tvOS", "watchOS", "visionOS"]).nullable().optional(),
  userExternalId: id.nullable().optional(),
  state: z.enum(DEVICE_STATES),
  lastSeenAt: time.nullable(),
});

const collection = z.object({
  externalId: id,
  name: words,
  kind: z.enum(["user", "device"]),
  memberExternalIds: z.array(id),
});

const count = z.number().int().min(0);

/**
 * What each call has to answer, to the letter. Not how the core reads an answer, which makes the best of one: it cuts texts,
 * takes null for what is left out, and leaves out what it cannot use. What both have in common is in the contract.
 */
const SHAPES = {
  check: z.object({
    ok: z.boolean(),
    apns: z.object({
      state: z.enum(APNS_STATES),
      expiresAt: time.nullable(),
    }),
    findings: z.array(
      z.object({
        severity: z.enum(FINDING_SEVERITIES),
        code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
        message: words.min(1),
        remedy: words.optional(),
      }),
    ),
  }),
  user: page(user).extend({ complete: z.boolean() }),
  device: page(device).extend({ complete: z.boolean() }),
  collection: page(collection).extend({ complete: z.boolean() }),
  ensureApplication: z.object({ handle }),
  apply: z.array(
    z.discriminatedUnion("outcome", [
      z.object({ key: words, outcome: z.literal("accepted"), handle }),
      z.object({ key: words, outcome: z.literal("done"), observedAt: time }),
      z.object({ key: words, outcome: z.literal("deferred"), until: time, reason: words.min(1) }),
      z.object({ key: words, outcome: z.literal("failed"), failure }),
    ]),
  ),
  poll: z.object(statuses),
  reading: z.object({ ...statuses, users: z.array(user), devices: z.array(device) }),
  tokens: z.array(
    z.object({
      externalId: id,
      name: words,
      organization: words.nullable(),
      locationId: words.nullable(),
      locationName: words.nullable(),
      country: words.nullable(),
      expiresAt: time.nullable(),
      state: z.enum(TARGET_TOKEN_STATES),
    }),
  ),
  apps: page(
    z.object({
      adamId: z.string().regex(/^[0-9]+$/),
      pricingParam: z.enum(["STDQ", "PLUS"]),
      name: words,
      bundleId: words.nullable(),
      platforms: z.array(words),
      deviceAssignable: z.boolean(),
      totalCount: count,
      assignedCount: count,
    }),
  ),
  holders: page(z.object({ kind: z.enum(["user", "device"]), externalId: id })),
  sync: z.object({ finished: z.boolean() }),
  revoke: z.object({ finished: z.boolean() }).optional(),
  invite: z.undefined(),
  inquire: z.undefined(),
  release: z.undefined(),
} as const;

export type ShapeName = keyof typeof SHAPES;

function page<Row extends z.ZodType>(row: Row) {
  return z.object({
    records: z.array(row).max(MAX_PAGE_RECORDS),
    next: z.string().min(1).max(MAX_CURSOR_CHARACTERS).nullable(),
  });
}

/** A text by which something is looked up. */
function nameOf(longestBytes: number) {
  return z
    .string()
    .min(1)
    .refine((name) => Buffer.byteLength(name) <= longestBytes, `is longer than ${longestBytes} bytes`)
    .refine((name) => !UNSTORABLE.test(name), "holds U+0000 or half a character");
}

/** A call as the contract names it. */
export function callNamed(name: ShapeName): string {
  if (name === "user" || name === "device" || name === "collection") return `listHolders (${name})`;
  if (name === "reading") return "webhook.read";
  return ["tokens", "apps", "holders", "sync", "revoke"].includes(name) ? `licenses.${name}` : name;
}

/** Fails with the place that is not as the contract says. */
export function assertShape(name: ShapeName, value: unknown): void {
  const read = SHAPES[name].safeParse(value);
  if (read.success) return;
  const [issue] = read.error.issues;
  assert.fail(
    `The answer of \`${callNamed(name)}\` is not as the contract says: ${issue?.path.join(".") || "it"}: ${issue?.message}.`,
  );
}
