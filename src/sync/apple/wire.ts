import { z } from "zod";
import { AppleUserStatus } from "../../entities/apple-user.js";
import { ProductType, UNLIMITED } from "../../entities/store-app.js";
import { TokenPlatform } from "../../entities/token.js";
import { assignmentRows } from "./assignment-rows.js";
import { DEFAULT_PRICING, KNOWN_PRICING } from "./pricing.js";
import { count, date, filledText, textOrNull, texts, wholeNumber } from "./wire-values.js";

export type { AssignmentRow } from "./assignment-rows.js";

/*
 * Apple's answers as its documentation shows them, made into our words. Unknown fields and values are passed over;
 * what we cannot do without and is missing or absurd makes the whole answer an error.
 */

/** Far beyond any list of Apple's, and an end to a loop over pages. */
const MAX_PAGES = 1_000_000;

const page = {
  nextPageIndex: wholeNumber.pipe(z.int().min(1).max(MAX_PAGES)).nullish(),
  totalPages: wholeNumber.pipe(z.int().min(0).max(MAX_PAGES)),
  versionId: filledText,
};

/** A list that is empty may be left out; where there are pages, its lack must not look like an end of everything. */
function emptyList(name: string, totalPages: number, context: z.core.$RefinementCtx): [] {
  if (totalPages > 0) context.addIssue({ code: "custom", message: "is missing", path: [name] });
  return [];
}

const asset = z
  .object({
    adamId: filledText,
    pricingParam: textOrNull,
    productType: z.string(),
    totalCount: count.nullish(),
    assignedCount: count,
    availableCount: count.nullish(),
    retiredCount: count.nullish(),
    deviceAssignable: z.boolean(),
    revocable: z.boolean(),
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

const FINITE_COUNTS = ["totalCount", "availableCount", "retiredCount"] as const;

const listedAsset = asset.transform((row, context): AssetRow => {
  if (row.totalCount === UNLIMITED) return unlimited(row);
  for (const name of FINITE_COUNTS) {
    if (typeof row[name] !== "number") context.addIssue({ code: "custom", message: "is missing", path: [name] });
  }
  const { totalCount, availableCount, retiredCount } = row;
  return { ...row, totalCount: totalCount ?? 0, availableCount: availableCount ?? 0, retiredCount: retiredCount ?? 0 };
});

export const assetsAnswer = z
  .object({
    ...page,
    assets: z.array(listedAsset).nullish(),
    unlimitedAssets: z.array(asset.transform(unlimited)).nullish(),
  })
  .transform(({ assets, unlimitedAssets, ...envelope }, context) => {
    const listed = assets ?? emptyList("assets", envelope.totalPages, context);
    const all = [...listed, ...(unlimitedAssets ?? [])];
    const rows = all.filter((row) => KNOWN_PRICING.has(row.pricingParam));
    return { ...envelope, rows, skipped: all.length - rows.length };
  });

export const assignmentsAnswer = z
  .object({ ...page, assignments: assignmentRows.optional() })
  .transform(({ assignments, ...envelope }, context) => ({
    ...envelope,
    rows: assignments?.rows ?? emptyList("assignments", envelope.totalPages, context),
    skipped: assignments?.skipped ?? 0,
  }));

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

export const usersAnswer = z
  .object({ ...page, users: z.array(user).nullish() })
  .transform(({ users, ...envelope }, context) => {
    const listed = users ?? emptyList("users", envelope.totalPages, context);
    const rows = listed.flatMap(({ status, ...row }): UserRow[] => (status === null ? [] : [{ ...row, status }]));
    return { ...envelope, rows, skipped: listed.length - rows.length };
  });

/** Who holds a location, in the MDM's own words. */
export interface MdmInfo {
  readonly id: string;
  readonly name: string;
  readonly metadata: string;
}

const mdmInfo = z
  .object({ id: textOrNull, name: textOrNull, metadata: textOrNull })
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

const limit = wholeNumber.pipe(z.int().min(1));
const limitOrNull = limit.nullish().transform((value) => value ?? null);

/** Addresses of services we do not know may have any shape. */
const addresses = z.record(z.string(), z.unknown()).transform((named) => {
  const texts = Object.entries(named).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries<string | undefined>(texts);
});

/** Lengths count characters. What is null Apple has not named. */
export const serviceConfigAnswer = z.object({
  urls: addresses,
  limits: z.object({
    maxAssets: limit,
    maxClientUserIds: limit,
    maxSerialNumbers: limit,
    maxUsers: limit,
    maxMdmIdLength: limitOrNull,
    maxMdmNameLength: limitOrNull,
    maxMdmMetadataLength: limitOrNull,
    /** Of the notification address, and of its secret. */
    maxNotificationLength: limitOrNull,
    maxRequestPerSecond: limitOrNull,
  }),
});

export type ServiceConfig = z.output<typeof serviceConfigAnswer>;
export type ServiceLimits = ServiceConfig["limits"];

export const eventAnswer = z.object({ eventId: filledText }).transform(({ eventId }) => ({ eventId }));

const failure = z
  .object({
    errorNumber: wholeNumber,
    errorInfo: z
      .object({
        clientUserIds: texts,
        serialNumbers: texts,
        assets: z.array(z.object({ adamId: filledText, pricingParam: textOrNull })).nullish(),
      })
      .nullish(),
  })
  .transform(({ errorNumber, errorInfo }) => ({
    errorNumber,
    clientUserIds: errorInfo?.clientUserIds ?? [],
    serialNumbers: errorInfo?.serialNumbers ?? [],
    assets: (errorInfo?.assets ?? []).map((row) => ({ ...row, pricingParam: row.pricingParam ?? DEFAULT_PRICING })),
  }));

/** What Apple says of some tasks of an event; without holders it speaks of all. */
export type EventFailure = z.output<typeof failure>;

const EVENT_STATES = ["PENDING", "COMPLETE", "FAILED"] as const;

export const statusAnswer = z
  .object({
    // A state this release does not know is no end.
    eventStatus: z.string().transform((state) => EVENT_STATES.find((known) => known === state) ?? "PENDING"),
    numRequested: wholeNumber.nullish(),
    numCompleted: wholeNumber.nullish(),
    failures: z.array(failure).nullish(),
  })
  .transform(({ failures, numRequested, numCompleted, eventStatus }) => ({
    eventStatus,
    failures: failures ?? [],
    numRequested: numRequested ?? 0,
    numCompleted: numCompleted ?? 0,
  }));

export type EventStatus = z.output<typeof statusAnswer>;
