import { z } from "zod";

/** A notification as it was saved. */
export interface SavedNotification {
  readonly id: string;
  readonly notificationId: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly receivedAt: Date;
}

/** What a notification speaks of. */
export type Interpretation =
  /** Something was changed; the event is ours or somebody else's. */
  | { readonly about: "change"; readonly eventId: string | null }
  /** Licences of an app were bought, refunded or moved. */
  | { readonly about: "stock"; readonly adamId: string; readonly pricingParam: string }
  /** Somebody has accepted an invitation. */
  | { readonly about: "person" }
  /** Apple tries whether it reaches us. */
  | { readonly about: "test" }
  | { readonly about: "nothing"; readonly why: string };

/** A number that JavaScript cannot hold exactly would be another id. */
const id = z.union([z.string().min(1), z.int()]).transform(String);

/** Fields that are not used are not looked at: a notification is a hint, and Apple is asked what is so. */
const change = z.object({ eventId: id.nullish() }).transform(
  ({ eventId }): Interpretation => ({
    about: "change",
    eventId: eventId ?? null,
  }),
);

const stock = z.object({ adamId: id, pricingParam: z.string().nullish() }).transform(
  ({ adamId, pricingParam }): Interpretation => ({
    about: "stock",
    adamId,
    pricingParam: pricingParam || "STDQ",
  }),
);

const SHAPES: Readonly<Record<string, z.ZodType<Interpretation>>> = {
  ASSET_MANAGEMENT: change,
  USER_MANAGEMENT: change,
  ASSET_COUNT: stock,
  USER_ASSOCIATED: z.object({}).transform((): Interpretation => ({ about: "person" })),
  TEST_NOTIFICATION: z.unknown().transform((): Interpretation => ({ about: "test" })),
};

/**
 * Reads what Apple has sent; nothing in it can make this fail.
 * @param locationId of the token whose address was called; null while that is not known.
 */
export function interpretNotification({ type, body }: SavedNotification, locationId: string | null): Interpretation {
  if (isOfAnotherLocation(body, locationId)) {
    return { about: "nothing", why: "It is of another Apple location than the token." };
  }
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (!shape) return { about: "nothing", why: "It is of a type that this release does not know." };
  const read = shape.safeParse(body.notification);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = ["notification", ...(issue?.path ?? [])].map(String).join(".");
  return { about: "nothing", why: `It cannot be read: ${place}: ${issue?.message ?? "not as documented"}.` };
}

/** Whether a notification names a location, and not this one. */
export function isOfAnotherLocation(body: SavedNotification["body"], locationId: string | null): boolean {
  const uId = id.safeParse(body.uId);
  return uId.success && locationId !== null && uId.data !== locationId;
}
