import { z } from "zod";
import { type CheckResult, type Finding, PluginError } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { quoted } from "./odata.js";
import type { ConfigMgrSettings } from "./settings.js";
import * as wire from "./wire.js";

/** Asked with a filter that nothing fits: whether the account may read the class is all that is learnt. */
const NEEDED: readonly (readonly [name: string, filter: string])[] = [
  ["SMS_R_System", "ResourceID eq 0"],
  ["SMS_R_User", "ResourceID eq 0"],
  ["SMS_FullCollectionMembership", "CollectionID eq '00000000'"],
  ["SMS_Application", "CI_ID eq 0"],
  ["SMS_ApplicationAssignment", "AssignmentID eq 0"],
  ["SMS_AppDeploymentAssetDetails", "AssignmentID eq 0"],
];
const MOBILE_INVENTORY = "SMS_G_System_DEVICE_COMPUTERSYSTEM";
const DEVICES = 2;
const HOUR_MS = 3_600_000;

const LEGACY: Finding = {
  severity: "warning",
  code: "LEGACY_PRODUCT",
  message:
    "Configuration Manager has not managed iOS and iPadOS by itself since September 2019, nor macOS since the end of 2022: this target is a bridge for what is left.",
  remedy: "Plan the move of these devices to another MDM.",
};

const APNS_UNKNOWN: Finding = {
  severity: "info",
  code: "APNS_NOT_REPORTED",
  message:
    "The AdminService does not tell of the APNs certificate. When it expires no device hears of a deployment, and installs stay pending without an error.",
  remedy: "Note its end yourself, and renew it at Apple's Push Certificates Portal with the account that made it.",
};

/** Reaches the site, and finds what is missing for installs. */
export async function check(
  service: AdminService,
  { limitingCollectionId, collectionPrefix, devices }: ConfigMgrSettings,
  now: () => Date,
  signal: AbortSignal,
): Promise<CheckResult> {
  await service.list("SMS_Identification", wire.site, {}, signal);
  const findings = [LEGACY, APNS_UNKNOWN];
  for (const [name, filter] of NEEDED) findings.push(...(await findForbidden(service, name, filter, signal)));
  findings.push(...(await findLimit(service, limitingCollectionId, signal)));
  if (devices === "mobile") findings.push(...(await findInventory(service, signal)));
  findings.push(...(await findStaleSummary(service, collectionPrefix, now(), signal)));
  const ok = findings.every(({ severity }) => severity !== "error");
  return { ok, apns: { state: "not-reported", expiresAt: null }, findings };
}

async function findForbidden(
  service: AdminService,
  name: string,
  filter: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    await service.list(name, z.unknown(), { filter }, signal);
    return [];
  } catch (error) {
    if (!isAbout(error, ["config", "rejected"])) throw error;
    return [
      {
        severity: "error",
        code: "PERMISSION_MISSING",
        message: `The account may not read ${name}: ${error.message}`,
        remedy:
          "Give it a security role with the rights that this plugin's README lists, in a scope that has the devices.",
      },
    ];
  }
}

async function findLimit(service: AdminService, id: string, signal: AbortSignal): Promise<Finding[]> {
  try {
    const found = await service.get("SMS_Collection", quoted(id), wire.collection, signal);
    if (found?.CollectionType === DEVICES) return [];
  } catch (error) {
    if (!isAbout(error, ["config", "rejected"])) throw error;
  }
  return [
    {
      severity: "error",
      code: "LIMITING_COLLECTION_MISSING",
      message: `The site shows this account no device collection ${id}, which is to limit the collections that Allotment makes.`,
      remedy: "Name another one in the settings, or give the account the right to read it.",
    },
  ];
}

async function findInventory(service: AdminService, signal: AbortSignal): Promise<Finding[]> {
  try {
    await service.list(MOBILE_INVENTORY, z.unknown(), { filter: "ResourceID eq 0" }, signal);
    return [];
  } catch (error) {
    if (!isAbout(error, ["config", "rejected"])) throw error;
    return [
      {
        severity: "warning",
        code: "NO_MOBILE_INVENTORY",
        message: `The site shows no ${MOBILE_INVENTORY}. Mobile devices whose serial number is not in SMS_G_System_PC_BIOS either come without one, and can have no licence of their own.`,
        remedy:
          "Enable that class in the hardware inventory of mobile devices, or give the account the right to read it.",
      },
    ];
  }
}

/** Counts in the console are as old as the site's last summary. They decide nothing here, but who compares should know. */
async function findStaleSummary(
  service: AdminService,
  prefix: string,
  now: Date,
  signal: AbortSignal,
): Promise<Finding[]> {
  const query = {
    filter: `startswith(CollectionName,${quoted(`${prefix} `)}) eq true`,
    select: ["CollectionName", "SummarizationTime"],
  };
  const times = await service
    .list("SMS_DeploymentSummary", wire.summary, query, signal)
    .then((rows) => rows.flatMap(({ SummarizationTime }) => SummarizationTime?.getTime() ?? []))
    .catch((error) => {
      if (isAbout(error, ["config", "rejected"])) return [];
      throw error;
    });
  const oldest = Math.min(...times);
  if (times.length === 0 || now.getTime() - oldest < HOUR_MS) return [];
  return [
    {
      severity: "info",
      code: "SUMMARY_STALE",
      message: `The console's counts of Allotment's deployments are as of ${new Date(oldest).toISOString()}. Allotment goes by the devices' own rows.`,
      remedy: "Run the summarization in the console to compare.",
    },
  ];
}

function isAbout(error: unknown, kinds: readonly PluginError["kind"][]): error is PluginError {
  return error instanceof PluginError && kinds.includes(error.kind);
}
