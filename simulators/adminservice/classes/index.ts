import { applicationClass } from "./application.js";
import { assignmentClass } from "./assignment.js";
import { collectionClass } from "./collection.js";
import { identificationClass } from "./identification.js";
import { licensedAppsClass } from "./licensed-apps.js";
import { membershipClass } from "./membership.js";
import { biosClass, mobileInventoryClass, systemClass, userClass } from "./resources.js";
import { assetDetailsClass, summaryClass } from "./status.js";
import type { WmiClass } from "./wmi-class.js";

/** The classes of the wmi route. */
export const wmiClasses: readonly WmiClass[] = [
  identificationClass,
  collectionClass,
  membershipClass,
  userClass,
  systemClass,
  biosClass,
  mobileInventoryClass,
  applicationClass,
  assignmentClass,
  assetDetailsClass,
  summaryClass,
  licensedAppsClass,
];

/** The v1.0 route has names of its own for some of them, to read. */
export const v1Classes: readonly WmiClass[] = [
  readable(systemClass, "Device", "MachineId"),
  readable(applicationClass, "Application", "CI_ID"),
];

function readable({ rows, lazy }: WmiClass, name: string, key: string): WmiClass {
  return {
    name,
    key: { name: key, type: "number" },
    lazy,
    rows: (site) => rows(site).map((row) => ({ ...row, [key]: row[key] ?? row.ResourceID })),
  };
}
