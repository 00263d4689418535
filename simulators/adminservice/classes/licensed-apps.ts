import type { WmiClass } from "./wmi-class.js";

/** The former node of licences for store apps: there, and empty, since nothing synchronises it any more. */
export const licensedAppsClass: WmiClass = {
  name: "SMS_LicensedVppApps",
  key: null,
  lazy: ["ApplicationMetadata"],
  rows: () => [],
};
