import { apnsFinding } from "../entities/apns-finding.js";
import type { Target, TargetFinding } from "../entities/target.js";

const SEVERITIES = ["error", "warning", "info"];

/** What the last check of a target found, and what there is to say of its APNs certificate now, the worst first. */
export function findingsOf(target: Target, now: Date): TargetFinding[] {
  const apns = apnsFinding(target, now);
  const isNew = apns !== null && target.findings.every(({ code }) => code !== apns.code);
  const all = isNew ? [apns, ...target.findings] : target.findings;
  return all.toSorted((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}
