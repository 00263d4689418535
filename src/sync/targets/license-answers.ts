import { z } from "zod";
import {
  type ListPage,
  MAX_PAGE_RECORDS,
  TARGET_TOKEN_STATES,
  type TargetApp,
  type TargetLicenseHolder,
  type TargetToken,
} from "../../plugins/contract.js";
import { readAnswer, readList, readPage } from "./answers.js";
import { storableId, storableName, storableText, storableTime } from "./storable.js";

/** No product that is known takes more than 3,000. */
const MOST_TOKENS = 10_000;

const nothing = (told: string | null | undefined) => told ?? null;
const nameOrNull = storableName.nullish().transform(nothing);
const textOrNull = storableText.nullish().transform(nothing);

/** As PostgreSQL's integers, and Apple's, are. */
const count = z.number().int().min(0).max(2_147_483_647);

const TOKEN: z.ZodType<TargetToken> = z.object({
  externalId: storableId,
  name: storableText,
  organization: textOrNull,
  locationId: nameOrNull,
  locationName: textOrNull,
  country: nameOrNull,
  expiresAt: storableTime.nullish().transform((at) => at ?? null),
  state: z.enum(TARGET_TOKEN_STATES),
});

const APP: z.ZodType<TargetApp> = z.object({
  adamId: storableId,
  pricingParam: z.enum(["STDQ", "PLUS"]),
  name: storableText,
  bundleId: nameOrNull,
  platforms: z.array(storableName).max(20),
  deviceAssignable: z.boolean(),
  totalCount: count,
  assignedCount: count,
});

const HOLDER: z.ZodType<TargetLicenseHolder> = z.object({ kind: z.enum(["user", "device"]), externalId: storableId });

const SYNC = z.object({ finished: z.boolean() });

/** The tokens that a product says it holds, as they can be stored. @throws PluginError `internal`, as the others here. */
export function readTokens(answer: unknown): TargetToken[] {
  return readList(answer, "tokens", MOST_TOKENS).map((token) => readAnswer(TOKEN, token, "a token"));
}

/** Whether the product has finished reading from Apple. */
export function readFinished(answer: unknown): boolean {
  return readAnswer(SYNC, answer, "its synchronisation").finished;
}

/** Whether the product has taken licences back; one that says nothing has. */
export function readRevoked(answer: unknown): boolean {
  return answer == null || readAnswer(SYNC, answer, "the return of licences").finished;
}

export function readApps(answer: unknown): ListPage<TargetApp> {
  const { records, next } = readPage(answer, "apps", MAX_PAGE_RECORDS);
  return { records: records.map((app) => readAnswer(APP, app, "an app")), next };
}

export function readLicenseHolders(answer: unknown): ListPage<TargetLicenseHolder> {
  const { records, next } = readPage(answer, "holders", MAX_PAGE_RECORDS);
  return { records: records.map((holder) => readAnswer(HOLDER, holder, "a holder")), next };
}
