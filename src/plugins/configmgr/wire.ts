import { z } from "zod";

/** The product's own names and shapes, tolerant of whatever else it tells. Facts: SMS Provider classes, as the wmi route shows them. */

const id = z.coerce.number().int();
const text = z
  .string()
  .nullish()
  .transform((told) => told || null);
/** WMI has 0 and 1 where JSON may have true and false. */
const flag = z.union([z.boolean(), z.number()]).nullish().transform(Boolean);
const state = z.coerce
  .number()
  .nullish()
  .transform((told) => told ?? null);
const time = z
  .string()
  .nullish()
  .transform((told) => {
    const at = told ? new Date(told) : null;
    return at === null || Number.isNaN(at.getTime()) ? null : at;
  });

export const site = z.object({ ThisSiteCode: text, SMSVersion: text });
export const siteId = z.object({ SiteID: z.string().min(1) });

export const user = z.object({
  ResourceID: id,
  UniqueUserName: text,
  FullUserName: text,
  Name: text,
  Mail: text,
  UserPrincipalName: text,
});

export const system = z.object({
  ResourceID: id,
  Name: text,
  ClientType: state,
  Obsolete: flag,
  Decommissioned: flag,
  OperatingSystemNameandVersion: text,
  LastLogonUserName: text,
  LastLogonUserDomain: text,
  LastLogonTimestamp: time,
});
export type System = z.infer<typeof system>;

export const inventory = z.object({ ResourceID: id, SerialNumber: text, UDID: text });

export const collection = z.object({
  CollectionID: z.string().min(1),
  Name: z.string(),
  /** 0 other, 1 user, 2 device. */
  CollectionType: state,
  Comment: text,
});
export type Collection = z.infer<typeof collection>;

/** Kept whole: a rule is deleted by what it is. */
export const directRule = z.looseObject({
  "@odata.type": text,
  ResourceClassName: text,
  ResourceID: id,
  RuleName: z
    .string()
    .nullish()
    .transform((told) => told ?? ""),
});
export type DirectRule = z.infer<typeof directRule>;

/** Rules of other kinds have no resource. */
export const collectionWithRules = z.object({ CurrentStatus: state, CollectionRules: z.array(z.unknown()).nullish() });

export const member = z.object({ ResourceID: id, ResourceType: state });

export const application = z.object({
  CI_ID: id,
  ModelID: id,
  ModelName: z.string().min(1),
  LocalizedDisplayName: text,
});
export type Application = z.infer<typeof application>;

export const assignment = z.object({
  AssignmentID: id,
  AssignmentName: text,
  /** 1 required, 2 not allowed. */
  DesiredConfigType: state,
  /** 0 required, 2 available. */
  OfferTypeID: state,
  Enabled: z.boolean().nullish(),
  TargetCollectionID: text,
});
export type Assignment = z.infer<typeof assignment>;

export const assetDetails = z.object({
  MachineID: id,
  /** 1 success, 2 in progress, 3 requirements not met, 4 unknown, 5 error. */
  StatusType: state,
  AppStatusType: state,
  EnforcementState: state,
});
export type AssetDetails = z.infer<typeof assetDetails>;

export const summary = z.object({ CollectionName: text, SummarizationTime: time });

/** Lists, and most entities asked for by their key, come in `value`. */
export const list = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });

export const errorBody = z.object({ error: z.object({ code: z.coerce.string().nullish(), message: z.unknown() }) });
