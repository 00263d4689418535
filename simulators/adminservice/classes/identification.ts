import type { WmiClass } from "./wmi-class.js";

/** What the site is. */
export const identificationClass: WmiClass = {
  name: "SMS_Identification",
  key: null,
  lazy: [],
  rows: (site) => [{ ThisSiteCode: site.code, ThisSiteName: "Example Site", SMSBuildNumber: 9128, SMSVersion: "2403" }],
  statics: { getsiteid: (site) => ({ ReturnValue: 0, SiteID: `{${site.id}}` }) },
};
