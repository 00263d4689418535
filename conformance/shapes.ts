import assert from "node:assert/strict";
import { z } from "zod";

const id = z
  .string()
  .min(1)
  .refine((text) => !text.includes("\0"), "holds U+0000");
const text = z.string();
const time = z.date();
const failure = z.object({
  code: z.enum([
    "DEVICE_UNKNOWN",
    "DEVICE_UNREACHABLE",
    "NOT_SUPPORTED",
    "NO_LICENSE",
    "USER_REFUSED",
    "REJECTED_BY_TARGET",
    "INSTALL_FAILED",
    "REMOVE_FAILED",
  ]),
  detail: text.min(1),
  remedy: text.optional(),
});

const status = z
  .object({
    handle: id,
    device: id,
    state: z.enum(["pending", "needs-user", "installing", "installed", "removed", "failed", "unknown"]),
    observedAt: time,
    failure: failure.optional(),
  })
  .refine(({ state, failure: why }) => state !== "failed" || why !== undefined, "`failed` needs a `failure`");

const statuses = {
  statuses: z.array(status),
  followUps: z.array(z.object({ handle: id, device: id, afterMs: z.number().min(0) })),
};

const user = z.object({
  externalId: id,
  principalName: text.nullable(),
  displayName: text.nullable(),
  email: text.nullable(),
  managedAppleId: text.nullable(),
});

const device = z.object({
  externalId: id,
  serial: text.nullable().optional(),
  udid: text.nullable().optional(),
  name: text.nullable().optional(),
  platform: z.enum(["iOS", "macOS", "tvOS", "watchOS", "visionOS"]).nullable().optional(),
  userExternalId: id.nullable().optional(),
  state: z.enum(["enrolled", "wiped", "retired", "deleted"]),
  lastSeenAt: time.nullable(),
});

const collection = z.object({
  externalId: id,
  name: text,
  kind: z.enum(["user", "device"]),
  memberExternalIds: z.array(id),
});

const count = z.number().int().min(0);

/** What each call has to answer, as the contract says. */
const SHAPES = {
  check: z.object({
    ok: z.boolean(),
    apns: z.object({
      state: z.enum(["valid", "expired", "missing", "not-reported"]),
      expiresAt: time.nullable(),
    }),
    findings: z.array(
      z.object({
        severity: z.enum(["info", "warning", "error"]),
        code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
        message: text.min(1),
        remedy: text.optional(),
      }),
    ),
  }),
  user: page(user).extend({ complete: z.boolean() }),
  device: page(device).extend({ complete: z.boolean() }),
  collection: page(collection).extend({ complete: z.boolean() }),
  ensureApplication: z.object({ handle: id }),
  apply: z.array(
    z.discriminatedUnion("outcome", [
      z.object({ key: text, outcome: z.literal("accepted"), handle: id }),
      z.object({ key: text, outcome: z.literal("done"), observedAt: time }),
      z.object({ key: text, outcome: z.literal("deferred"), until: time, reason: text.min(1) }),
      z.object({ key: text, outcome: z.literal("failed"), failure }),
    ]),
  ),
  poll: z.object(statuses),
  reading: z.object({ ...statuses, users: z.array(user), devices: z.array(device) }),
  tokens: z.array(
    z.object({
      externalId: id,
      name: text,
      organization: text.nullable(),
      locationId: text.nullable(),
      locationName: text.nullable(),
      country: text.nullable(),
      expiresAt: time.nullable(),
      state: z.enum(["valid", "expired", "invalid", "claimed-elsewhere"]),
    }),
  ),
  apps: page(
    z.object({
      adamId: z.string().regex(/^[0-9]+$/),
      pricingParam: z.enum(["STDQ", "PLUS"]),
      name: text,
      bundleId: text.nullable(),
      platforms: z.array(text),
      deviceAssignable: z.boolean(),
      totalCount: count,
      assignedCount: count,
    }),
  ),
  holders: page(z.object({ kind: z.enum(["user", "device"]), externalId: id })),
  sync: z.object({ finished: z.boolean() }),
  revoke: z.undefined(),
} as const;

export type ShapeName = keyof typeof SHAPES;

function page<Row extends z.ZodType>(row: Row) {
  return z.object({ records: z.array(row), next: id.nullable() });
}

/** Fails with the place that is not as the contract says. */
export function assertShape(name: ShapeName, value: unknown): void {
  const read = SHAPES[name].safeParse(value);
  if (read.success) return;
  const [issue] = read.error.issues;
  assert.fail(
    `The answer of \`${name}\` is not as the contract says: ${issue?.path.join(".") || "it"}: ${issue?.message}.`,
  );
}
