import { PluginError } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { inParts, quoted } from "./odata.js";
import * as wire from "./wire.js";

const RULE_TYPE = "#AdminService.SMS_CollectionRuleDirect";
const RULES_A_CALL = 200;

/** What a rule of ours says of whom, and why: the key of the Step stands in its name. */
export interface Member {
  readonly resourceId: number;
  readonly key: string;
}

export interface Rules {
  /** By device. */
  readonly rules: ReadonlyMap<number, wire.DirectRule>;
  /** Whether the site is working the members out at the moment. */
  readonly isAtWork: boolean;
}

/** SMS_Collection's CurrentStatus: refreshing, evaluating, appending a member, querying. */
const AT_WORK: ReadonlySet<number> = new Set([2, 4, 7, 8]);

/** The direct rules of a collection. Only a GET by key shows them. */
export async function readRules(service: AdminService, collectionId: string, signal: AbortSignal): Promise<Rules> {
  const found = await service.get("SMS_Collection", quoted(collectionId), wire.collectionWithRules, signal);
  const rules = (found?.CollectionRules ?? []).flatMap((rule) => {
    const read = wire.directRule.safeParse(rule);
    return read.success ? [read.data] : [];
  });
  return {
    rules: new Map(rules.map((rule) => [rule.ResourceID, rule])),
    isAtWork: AT_WORK.has(found?.CurrentStatus ?? 0),
  };
}

export function ruleFor({ resourceId, key }: Member): wire.DirectRule {
  return { "@odata.type": RULE_TYPE, ResourceClassName: "SMS_R_System", ResourceID: resourceId, RuleName: nameOf(key) };
}

/** Whether a rule was made for exactly that Step: then it has been told before. */
export function isFor(rule: wire.DirectRule | undefined, key: string): boolean {
  return rule?.RuleName === nameOf(key);
}

/** @returns the devices that the site refused, with its words. */
export function addRules(
  service: AdminService,
  collectionId: string,
  rules: readonly wire.DirectRule[],
  signal: AbortSignal,
): Promise<Map<number, PluginError>> {
  return change(service, collectionId, "AddMembershipRule", rules, signal);
}

/** The same. */
export function deleteRules(
  service: AdminService,
  collectionId: string,
  rules: readonly wire.DirectRule[],
  signal: AbortSignal,
): Promise<Map<number, PluginError>> {
  return change(service, collectionId, "DeleteMembershipRule", rules, signal);
}

/** Members follow the rules only when the collection has been evaluated: asked for, not waited for. */
export async function refresh(service: AdminService, collectionId: string, signal: AbortSignal): Promise<void> {
  await service.call("SMS_Collection", quoted(collectionId), "RequestRefresh", {}, signal);
}

/** The devices that are members now, by the last evaluation. */
export async function readMemberIds(
  service: AdminService,
  collectionId: string,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const query = { filter: `CollectionID eq ${quoted(collectionId)}`, select: ["ResourceID", "ResourceType"] };
  const members = await service.list("SMS_FullCollectionMembership", wire.member, query, signal);
  return new Set(members.map(({ ResourceID }) => ResourceID));
}

/** Many at once, and one by one where the site refuses that: it may lack the call, or one of the rules may be wrong. */
async function change(
  service: AdminService,
  collectionId: string,
  method: "AddMembershipRule" | "DeleteMembershipRule",
  rules: readonly wire.DirectRule[],
  signal: AbortSignal,
): Promise<Map<number, PluginError>> {
  const refused = new Map<number, PluginError>();
  const key = quoted(collectionId);
  for (const part of inParts(rules, RULES_A_CALL)) {
    if (
      part.length > 1 &&
      (await isDone(() => service.call("SMS_Collection", key, `${method}s`, { collectionRules: part }, signal)))
    ) {
      continue;
    }
    for (const rule of part) {
      try {
        await service.call("SMS_Collection", key, method, { collectionRule: rule }, signal);
      } catch (error) {
        if (!(error instanceof PluginError) || error.kind !== "rejected") throw error;
        refused.set(rule.ResourceID, error);
      }
    }
  }
  return refused;
}

async function isDone(call: () => Promise<void>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof PluginError && error.kind === "rejected") return false;
    throw error;
  }
}

function nameOf(key: string): string {
  return `Allotment ${key}`;
}
