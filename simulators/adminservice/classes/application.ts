import { z } from "zod";
import type { Application } from "../model/records.js";
import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";
import { ODataError } from "../odata/odata-error.js";
import { read } from "./collection.js";
import type { WmiClass } from "./wmi-class.js";

export const applicationClass: WmiClass = {
  name: "SMS_Application",
  key: { name: "CI_ID", type: "number" },
  lazy: ["SDMPackageXML"],
  rows: (site) => site.applications.rows.map((application) => rowOf(site, application)),
  create: (site, body) => {
    const { SDMPackageXML } = read(z.looseObject({ SDMPackageXML: z.string().min(1) }), body);
    if (!SDMPackageXML.includes(`ScopeId_${site.id}`))
      throw new ODataError(400, "The authoring scope is not the site's.");
    return rowOf(site, site.applications.create(SDMPackageXML));
  },
};

function rowOf(site: Site, application: Application): Row {
  const deployments = [...site.assignments.rows.values()].filter(
    (one) => one.application.ModelID === application.ModelID,
  );
  const withApp = [...site.systems.values()].filter(({ installed }) => installed.has(application.adamId));
  return {
    "@odata.etag": String(application.CI_ID),
    CI_ID: application.CI_ID,
    CI_UniqueID: `${application.ModelName}/${application.version}`,
    ModelID: application.ModelID,
    ModelName: application.ModelName,
    LocalizedDisplayName: application.title,
    Manufacturer: "",
    SoftwareVersion: "",
    CIVersion: application.version,
    IsLatest: application.isLatest,
    IsDeployable: true,
    IsDeployed: deployments.length > 0,
    IsEnabled: true,
    IsExpired: false,
    IsSuperseded: false,
    HasContent: false,
    ExecutionContext: 0,
    NumberOfDeployments: deployments.length,
    NumberOfDevicesWithApp: withApp.length,
    NumberOfDevicesWithFailure: 0,
    DateCreated: application.createdAt.toISOString(),
    SDMPackageXML: application.digest,
  };
}
