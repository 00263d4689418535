import { z } from "zod";
import type { Collection, DirectRule } from "../model/records.js";
import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";
import { ODataError } from "../odata/odata-error.js";
import type { Body, WmiClass } from "./wmi-class.js";

const RULE_TYPE = "#AdminService.SMS_CollectionRuleDirect";

const newCollection = z.looseObject({
  Name: z.string().min(1).max(256),
  LimitToCollectionID: z.string().min(1),
  CollectionType: z.union([z.literal(1), z.literal(2)]),
  Comment: z.string().default(""),
});

const directRule = z.looseObject({
  "@odata.type": z.literal(RULE_TYPE),
  ResourceClassName: z.enum(["SMS_R_System", "SMS_R_User"]),
  ResourceID: z.int(),
  RuleName: z.string(),
});

export const collectionClass: WmiClass = {
  name: "SMS_Collection",
  key: { name: "CollectionID", type: "string" },
  lazy: ["CollectionRules"],
  rows: (site) => [...site.collections.rows.values()].map((collection) => rowOf(site, collection)),
  create: (site, body) => {
    const { Name, LimitToCollectionID, CollectionType, Comment } = read(newCollection, body);
    const fields = { name: Name, comment: Comment, type: CollectionType, limitTo: LimitToCollectionID };
    return rowOf(site, site.collections.create(fields));
  },
  methods: {
    addmembershiprule: (site, key, body) => change(site, key, "single", () => [body.collectionRule], "addRules"),
    addmembershiprules: (site, key, body) => change(site, key, "both", () => body.collectionRules, "addRules"),
    deletemembershiprule: (site, key, body) => change(site, key, "single", () => [body.collectionRule], "deleteRules"),
    deletemembershiprules: (site, key, body) => change(site, key, "both", () => body.collectionRules, "deleteRules"),
    requestrefresh: (site, key) => {
      site.collections.refresh(site.collections.require(String(key)));
      return { ReturnValue: 0 };
    },
  },
};

/** Earlier releases lack all of these methods, and some that of several rules: the switch says. */
function change(
  site: Site,
  key: string | number,
  needs: "single" | "both",
  rules: () => unknown,
  verb: "addRules" | "deleteRules",
): object {
  const { ruleMethods } = site.switches;
  if (ruleMethods === "none" || (needs === "both" && ruleMethods === "single")) {
    throw new ODataError(404, "No HTTP resource was found that matches the request.");
  }
  const read = z.array(directRule).min(1).safeParse(rules());
  if (!read.success) throw new ODataError(400, "The rules are not direct rules.");
  const direct = read.data.map(({ ResourceClassName, ResourceID, RuleName }): DirectRule => {
    return { ResourceClassName, ResourceID, RuleName };
  });
  site.collections[verb](site.collections.require(String(key)), direct);
  return { ReturnValue: 0, QueryIDs: direct.map(() => 0) };
}

function rowOf(site: Site, collection: Collection): Row {
  const { CollectionID, name, comment, type, limitTo, builtIn, rules, status, changedAt } = collection;
  return {
    "@odata.etag": CollectionID,
    CollectionID,
    CollectionType: type,
    Name: name,
    Comment: comment,
    LimitToCollectionID: limitTo,
    LimitToCollectionName: site.collections.rows.get(limitTo)?.name ?? "",
    IsBuiltIn: builtIn,
    CurrentStatus: status,
    MemberCount: site.collections.membersOf(collection).size,
    LocalMemberCount: site.collections.membersOf(collection).size,
    LastMemberChangeTime: changedAt.toISOString(),
    LastRefreshTime: changedAt.toISOString(),
    RefreshType: 1,
    MemberClassName: `SMS_CM_RES_COLL_${CollectionID}`,
    CollectionRules: rules.map((rule) => ({ "@odata.type": RULE_TYPE, ...rule })),
  };
}

export function read<Schema extends z.ZodType>(schema: Schema, body: Body): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ODataError(400, `The property '${issue?.path.join(".")}' is not valid: ${issue?.message}`);
}
