import { z } from "zod";
import { AppleUserStatus } from "../../entities/apple-user.js";
import { ProductType, UNLIMITED } from "../../entities/store-app.js";
import { TokenPlatform } from "../../entities/token.js";
import { parseAppleDate } from "./apple-date.js";

/*
 * Apple's answers as its documentation shows them, made into our words. Unknown fields and values are passed over;
 * what we cannot do without and is missing or absurd makes the whole answer an error.
 */

const DEFAULT_PRICING = "STDQ";
/** Far beyond any list of Apple's, and an end to a loop over pages. */
const MAX_PAGES = 1_000_000;
const KNOWN_PRICING = new Set([DEFAULT_PRICING, "PLUS"]);

const text = z.union([z.string(), z.number()]).transform(String);
const filledText = text.refine((value) => value !== "", "must not be empty");
const textOrNull = text.nullish().transform((value) => value || null);
const texts = z
  .array(text)
  .nullish()
  .transform((values) => values ?? []);
const count = z.int().min(0).max(UNLIMITED);
const flag = z.boolean();
const date = z
  .string()
  .nullish()
  .transform((value) => (value ? parseAppleDate(value) : null));

const page = {
  currentPageIndex: z.int().min(0).optional(),
  nextPageIndex: z.int().min(1).nullish(),
  totalPages: z.int().min(0).max(MAX_PAGES),
  versionId: filledText,
};

const asset = z
  .object({
    adamId: filledText,
    pricingParam: textOrNull,
    productType: z.string(),
    totalCount: count.optional(),
    assignedCount: count,
    // Negative where more was refunded than was free.
    availableCount: z.int().min(-UNLIMITED).max(UNLIMITED).optional(),
    retiredCount: count.optional(),
    deviceAssignable: flag,
    revocable: flag,
    supportedPlatforms: z.array(z.string()).nullish(),
  })
  .transform(({ supportedPlatforms, pricingParam, productType, ...row }) => ({
    ...row,
    pricingParam: pricingParam ?? DEFAULT_PRICING,
    productType: productType === "Book" ? ProductType.BOOK : ProductType.APP,
    platforms: supportedPlatforms ?? [],
  }));

/** One product of the location, with Apple's counts. */
export type AssetRow = z.output<typeof asset> & { totalCount: number; availableCount: number; retiredCount: number };

/** Free items without a bound may lack the counts that make no sense for them. */
function unlimited(row: z.output<typeof asset>): AssetRow {
  return {
    ...row,
    totalCount: UNLIMITED,
    availableCount: row.availableCount ?? UNLIMITED,
    retiredCount: row.retiredCount ?? 0,
  };
}

const finiteAsset = asset.transform((row, context): AssetRow => {
  if (row.totalCount === UNLIMITED) return unlimited(row);
  const { totalCount, availableCount, retiredCount } = row;
  if (totalCount === undefined || availableCount === undefined || retiredCount === undefined) {
    context.addIssue({ code: "custom", message: "needs totalCount, availableCount and retiredCount" });
    return z.NEVER;
  }
  return { ...row, totalCount, availableCount, retiredCount };
});

export const assetsAnswer = z
  .object({ ...page, assets: z.array(finiteAsset), unlimitedAssets: z.array(asset.transform(unlimited)).nullish() })
  .transform(({ assets, unlimitedAssets, ...envelope }) => {
    const all = [...assets, ...(unlimitedAssets ?? [])];
    const rows = all.filter((row) => KNOWN_PRICING.has(row.pricingParam));
    return { ...envelope, rows, skipped: all.length - rows.length };
  });

const assignment = z
  .object({
    adamId: filledText,
    pricingParam: textOrNull,
    clientUserId: textOrNull,
    serialNumber: textOrNull,
    // Not documented; a delta may mark what is gone in this way.
    removed: z.boolean().nullish(),
  })
  .refine((row) => (row.clientUserId === null) !== (row.serialNumber === null), {
    message: "needs either a clientUserId or a serialNumber",
  })
  .transform(({ pricingParam, ...row }) => ({ ...row, pricingParam: pricingParam ?? DEFAULT_PRICING }));

/** One holding: exactly one of `clientUserId` and `serialNumber` is set. */
export type AssignmentRow = Omit<z.output<typeof assignment>, "removed">;

export const assignmentsAnswer = z
  .object({ ...page, assignments: z.array(assignment) })
  .transform(({ assignments, ...envelope }) => {
    const there = assignments.filter((row) => row.removed !== true);
    const rows: AssignmentRow[] = there
      .filter((row) => KNOWN_PRICING.has(row.pricingParam))
      .map(({ removed: _, ...row }) => row);
    return { ...envelope, rows, skipped: there.length - rows.length };
  });

const STATUSES: ReadonlyMap<string, AppleUserStatus> = new Map([
  ["REGISTERED", AppleUserStatus.REGISTERED],
  ["ASSOCIATED", AppleUserStatus.ASSOCIATED],
  ["RETIRED", AppleUserStatus.RETIRED],
  ["DELETED", AppleUserStatus.DELETED],
]);

const user = z.object({
  clientUserId: filledText,
  email: textOrNull,
  status: z.string().transform((value) => STATUSES.get(value.toUpperCase()) ?? null),
  inviteCode: textOrNull,
  idHash: textOrNull,
});

export type UserRow = Omit<z.output<typeof user>, "status"> & { status: AppleUserStatus };

export const usersAnswer = z.object({ ...page, users: z.array(user) }).transform(({ users, ...envelope }) => {
  const rows = users.flatMap(({ status, ...row }): UserRow[] => (status === null ? [] : [{ ...row, status }]));
  return { ...envelope, rows, skipped: users.length - rows.length };
});

/** Who holds a location, in the MDM's own words. */
export interface MdmInfo {
  readonly id: string;
  readonly name: string;
  readonly metadata: string;
}

const mdmInfo = z
  .object({ id: text, name: text.nullish(), metadata: text.nullish() })
  .nullish()
  .transform((info): MdmInfo | null =>
    info?.id ? { id: info.id, name: info.name ?? "", metadata: info.metadata ?? "" } : null,
  );

export const clientConfigAnswer = z
  .object({
    uId: filledText,
    locationName: textOrNull,
    countryISO2ACode: textOrNull,
    defaultPlatform: textOrNull,
    websiteURL: textOrNull,
    mdmInfo,
    tokenExpirationDate: date,
    notificationUrl: textOrNull,
    notificationAuthToken: textOrNull,
    subscribedNotificationTypes: texts,
  })
  .transform(({ notificationAuthToken, subscribedNotificationTypes, ...config }): ClientConfig => {
    const known = {
      ...config,
      platform: platformOf(config.defaultPlatform, config.websiteURL),
      notificationTypes: subscribedNotificationTypes,
      notificationSecret: notificationAuthToken,
    };
    // Whoever logs or copies the object does not get the secret by accident.
    return Object.defineProperty(known, "notificationSecret", { enumerable: false });
  });

/** A location's settings as Apple has them. */
export interface ClientConfig {
  readonly uId: string;
  readonly locationName: string | null;
  readonly countryISO2ACode: string | null;
  readonly defaultPlatform: string | null;
  readonly websiteURL: string | null;
  /** Our word for `defaultPlatform`; where Apple leaves that out, the site tells. */
  readonly platform: TokenPlatform;
  readonly mdmInfo: MdmInfo | null;
  readonly tokenExpirationDate: Date | null;
  /** Where Apple notifies. */
  readonly notificationUrl: string | null;
  /** What Apple sends as bearer with each notification. Not enumerable: no log and no copy has it. */
  readonly notificationSecret: string | null;
  /** Of what Apple notifies, in its spelling. */
  readonly notificationTypes: readonly string[];
}

function platformOf(defaultPlatform: string | null, websiteURL: string | null): TokenPlatform {
  const education =
    defaultPlatform === null ? websiteURL?.includes("school.apple.com") : defaultPlatform === "volumestore";
  return education ? TokenPlatform.EDUCATION : TokenPlatform.BUSINESS;
}

const limit = z.int().min(1);

export const serviceConfigAnswer = z.object({
  urls: z.record(z.string(), z.string()),
  limits: z.object({
    maxAssets: limit,
    maxClientUserIds: limit,
    maxSerialNumbers: limit,
    maxUsers: limit,
    maxMdmMetadataLength: limit.optional(),
    maxRequestPerSecond: limit.optional(),
  }),
});

export type ServiceConfig = z.output<typeof serviceConfigAnswer>;
export type ServiceLimits = ServiceConfig["limits"];

export const eventAnswer = z.object({ eventId: filledText }).transform(({ eventId }) => ({ eventId }));

const failure = z
  .object({
    errorNumber: z.int(),
    errorMessage: textOrNull,
    errorInfo: z
      .object({
        clientUserIds: texts,
        serialNumbers: texts,
        assets: z.array(z.object({ adamId: filledText, pricingParam: textOrNull })).nullish(),
      })
      .nullish(),
  })
  .transform(({ errorNumber, errorMessage, errorInfo }) => ({
    errorNumber,
    errorMessage,
    clientUserIds: errorInfo?.clientUserIds ?? [],
    serialNumbers: errorInfo?.serialNumbers ?? [],
    assets: (errorInfo?.assets ?? []).map((row) => ({ ...row, pricingParam: row.pricingParam ?? DEFAULT_PRICING })),
  }));

/** What Apple says of some tasks of an event; without holders it speaks of all. */
export type EventFailure = z.output<typeof failure>;

export const statusAnswer = z
  .object({
    eventStatus: z.enum(["PENDING", "COMPLETE", "FAILED"]),
    numRequested: z.int().nullish(),
    numCompleted: z.int().nullish(),
    failures: z.array(failure).nullish(),
  })
  .transform(({ failures, numRequested, numCompleted, eventStatus }) => ({
    eventStatus,
    failures: failures ?? [],
    numRequested: numRequested ?? 0,
    numCompleted: numCompleted ?? 0,
  }));

export type EventStatus = z.output<typeof statusAnswer>;
