import { afterEach, beforeEach, expect, test } from "vitest";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { ADAM_ID, type Scene, setScene } from "./scene.js";

/*
 * What the plugin sends, as the simulator has received it, against the shapes of the product's reference: the wmi route, a
 * class, OData v4's options, and the properties of SMS_Collection, SMS_CollectionRuleDirect and SMS_ApplicationAssignment.
 */

const WMI = "/AdminService/wmi";
let scene: Scene;
beforeEach(async () => {
  scene = await setScene({ devices: 2 });
});
afterEach(() => scene.stop());

const sent = () => scene.requests().map(({ method, path, body }) => ({ method, path, body }));
const found = (wish: string) => {
  const own = [...scene.simulator.site.collections.rows.values()].find(({ name }) =>
    name.startsWith(`Allotment ${wish} `),
  );
  return own?.CollectionID ?? "";
};

test("an app object is looked for by its model and by its mark, and made of an AppMgmtDigest", async () => {
  const app = { ...scene.step("1").app };
  await scene.connection.ensureApplication?.(app, CALM);
  const scopeId = `ScopeId_${scene.simulator.site.id}`;
  const [siteId, byModel, byMark, create] = sent();
  expect(siteId).toEqual({ method: "GET", path: `${WMI}/SMS_Identification.GetSiteID`, body: null });
  const select = "$select=CI_ID,ModelID,ModelName,LocalizedDisplayName";
  expect(byModel?.path).toMatch(
    new RegExp(
      `^${WMI}/SMS_Application\\?\\$filter=IsLatest eq true and ModelName eq '${scopeId}/Application_[0-9a-f-]{36}'&`,
    ),
  );
  expect(byMark).toEqual({
    method: "GET",
    path: `${WMI}/SMS_Application?$filter=IsLatest eq true and endswith(LocalizedDisplayName,'(App Store ${ADAM_ID})') eq true&${select}`,
    body: null,
  });
  expect(create).toMatchObject({ method: "POST", path: `${WMI}/SMS_Application` });
  const { SDMPackageXML: digest, ...rest } = (create?.body ?? {}) as { SDMPackageXML: string };
  expect(rest).toEqual({});
  expect(digest).toContain(`AuthoringScopeId="${scopeId}"`);
  expect(digest).toContain(`<Title>Notes &amp; &lt;More&gt; (App Store ${ADAM_ID})</Title>`);
  expect(digest).toContain(`https://apps.apple.com/app/id${ADAM_ID}`);
});

test("an install makes a collection, a direct rule a device, and a required deployment", async () => {
  const [a = "", b = ""] = scene.devices;
  const steps = [scene.step(a), scene.step(b)];
  await scene.connection.apply(steps, CALM);
  const writes = sent().filter(({ method }) => method !== "GET");
  const collection = found("install");
  const rule = (device: string, key: string | undefined) => ({
    "@odata.type": "#AdminService.SMS_CollectionRuleDirect",
    ResourceClassName: "SMS_R_System",
    ResourceID: Number(device),
    RuleName: `Allotment ${key}`,
  });
  expect(writes).toMatchObject([
    { method: "POST", path: `${WMI}/SMS_Application` },
    {
      method: "POST",
      path: `${WMI}/SMS_Collection`,
      body: {
        Name: `Allotment install ${ADAM_ID} Notes & <More>`,
        CollectionType: 2,
        LimitToCollectionID: "SMS00001",
        Comment: expect.stringContaining("[allotment-owned]"),
      },
    },
    {
      method: "POST",
      path: `${WMI}/SMS_Collection('${collection}')/AdminService.AddMembershipRules`,
      body: { collectionRules: [rule(a, steps[0]?.key), rule(b, steps[1]?.key)] },
    },
    { method: "POST", path: `${WMI}/SMS_Collection('${collection}')/AdminService.RequestRefresh`, body: {} },
    {
      method: "POST",
      path: `${WMI}/SMS_ApplicationAssignment`,
      body: {
        AssignedCIs: [expect.any(Number)],
        AssignmentAction: 2,
        AssignmentType: 2,
        AssignmentName: expect.stringMatching(/_Install$/),
        DesiredConfigType: 1,
        OfferTypeID: 0,
        TargetCollectionID: collection,
        StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        EnforcementDeadline: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        UseGMTTimes: true,
        Enabled: true,
      },
    },
  ]);
});

test("one device takes one rule", async () => {
  const [device = ""] = scene.devices;
  await scene.connection.apply([scene.step(device)], CALM);
  const rules = sent().filter(({ path }) => /AddMembershipRule/.test(path));
  expect(rules).toMatchObject([
    {
      path: `${WMI}/SMS_Collection('${found("install")}')/AdminService.AddMembershipRule`,
      body: { collectionRule: { ResourceID: Number(device) } },
    },
  ]);
});

test("nothing that the product keeps for itself is sent, and no deployment is ever changed in place", async () => {
  const [device = ""] = scene.devices;
  const readOnly = [
    "AssignmentID",
    "AssignmentUniqueID",
    "ApplicationName",
    "CollectionName",
    "AppModelID",
    "CreationTime",
    "LastModificationTime",
    "LocaleID",
    "SourceSite",
    "ContainsExpiredUpdates",
    "AssignedCI_UniqueID",
  ];
  await scene.connection.apply([scene.step(device)], CALM);
  scene.settle();
  await scene.connection.apply([scene.step(device)], CALM);
  const all = sent();
  const created = all.filter(({ method, path }) => method === "POST" && path === `${WMI}/SMS_ApplicationAssignment`);
  expect(created).toHaveLength(2);
  for (const { body } of created)
    expect(Object.keys(body as object).filter((name) => readOnly.includes(name))).toEqual([]);
  expect(new Set(all.map(({ method }) => method))).toEqual(new Set(["GET", "POST", "DELETE"]));
  const deleted = all.filter(({ method }) => method === "DELETE");
  expect(deleted.map(({ path }) => path)).toEqual([
    expect.stringMatching(/^\/AdminService\/wmi\/SMS_ApplicationAssignment\(\d+\)$/),
  ]);
});

test("a removal takes the rule out of the one collection first, and deploys NOT_ALLOWED to the other", async () => {
  const [device = ""] = scene.devices;
  await scene.connection.apply([scene.step(device)], CALM);
  scene.settle();
  sent();
  const step = scene.step(device, "remove");
  await scene.connection.apply([step], CALM);
  scene.settle();
  await scene.connection.apply([step], CALM);
  const writes = sent().filter(({ method }) => method !== "GET");
  const [install, uninstall] = [found("install"), found("uninstall")];
  expect(writes.map(({ path }) => path)).toEqual([
    `${WMI}/SMS_Collection('${install}')/AdminService.DeleteMembershipRule`,
    `${WMI}/SMS_Collection('${install}')/AdminService.RequestRefresh`,
    `${WMI}/SMS_Collection`,
    `${WMI}/SMS_Collection('${uninstall}')/AdminService.AddMembershipRule`,
    `${WMI}/SMS_Collection('${uninstall}')/AdminService.RequestRefresh`,
    `${WMI}/SMS_ApplicationAssignment`,
  ]);
  expect(writes[0]?.body).toMatchObject({
    collectionRule: {
      "@odata.type": "#AdminService.SMS_CollectionRuleDirect",
      ResourceClassName: "SMS_R_System",
      ResourceID: Number(device),
    },
  });
  expect(writes.at(-1)?.body).toMatchObject({ DesiredConfigType: 2, OfferTypeID: 0, TargetCollectionID: uninstall });
});

test("status is asked for by the deployment, from the class with a row a device", async () => {
  const [device = ""] = scene.devices;
  const [outcome] = await scene.connection.apply([scene.step(device)], CALM);
  sent();
  await scene.connection.poll([outcome?.outcome === "accepted" ? outcome.handle : ""], CALM);
  const [deployment] = scene.simulator.site.assignments.rows.values();
  const [modelId, id] = [deployment?.application.ModelID, deployment?.AssignmentID];
  expect(sent().map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET ${WMI}/SMS_Collection('${found("install")}')`,
    `GET ${WMI}/SMS_ApplicationAssignment?$filter=TargetCollectionID eq '${found("install")}' and AppModelID eq ${modelId}`,
    `GET ${WMI}/SMS_AppDeploymentAssetDetails?$filter=AssignmentID eq ${id}&$select=MachineID,StatusType,AppStatusType,EnforcementState`,
  ]);
});

test("holders are asked for by class, with the options of paging", async () => {
  for (const kind of ["user", "device", "collection"] as const) await scene.connection.listHolders?.(kind, null, CALM);
  const paths = sent().map(({ path }) => path);
  const page = "&$orderby=ResourceID&$top=";
  expect(paths).toContainEqual(expect.stringContaining(`${WMI}/SMS_R_User?$select=ResourceID,UniqueUserName,`));
  expect(paths).toContainEqual(
    expect.stringContaining(`${WMI}/SMS_R_System?$filter=ClientType eq 3&$select=ResourceID,`),
  );
  expect(paths.filter((path) => path.includes(page))).toHaveLength(2);
  expect(paths).toContainEqual(expect.stringMatching(/SMS_G_System_PC_BIOS|SMS_G_System_DEVICE_COMPUTERSYSTEM/));
  expect(paths).toContainEqual(
    `${WMI}/SMS_FullCollectionMembership?$filter=CollectionID eq 'SMS00001' and ClientType eq 3&$select=ResourceID,ResourceType`,
  );
});

test.each([
  { keyed: "entity" },
  { unknownKey: "empty" },
  { createdStatus: 200, deletedStatus: 200 },
  { deletedStatus: 201 },
  { paging: "ignored" },
  { rowsStay: false },
  { unknownRows: true },
  { evaluation: "refresh" },
] as const)("an install and a removal come to their end at a site with %o", async (switches) => {
  await scene.control("/switches", switches);
  const [device = ""] = scene.devices;
  const ends: (string | undefined)[] = [];
  for (const action of ["install", "remove", "install"] as const) {
    const step = scene.step(device, action);
    await scene.connection.apply([step], CALM);
    scene.settle();
    const [outcome] = await scene.connection.apply([step], CALM);
    scene.settle();
    ends.push((await scene.status(outcome?.outcome === "accepted" ? outcome.handle : "", device))?.state);
  }
  expect(ends).toEqual(["installed", "removed", "installed"]);
});

test("an application that an admin has marked is taken, in its latest revision", async () => {
  const [device = ""] = scene.devices;
  await scene.connection.ensureApplication?.(scene.step(device).app, CALM);
  const { CI_ID } = await scene.control("/revise-application", { adamId: ADAM_ID });
  await scene.connection.apply([scene.step(device)], CALM);
  const [deployment] = scene.simulator.site.assignments.rows.values();
  expect(deployment?.application.CI_ID).toBe(CI_ID);
});

test("an application is made once, however often it is asked for, and found by the mark that an admin gave", async () => {
  const { app } = scene.step("1");
  const ensure = () => scene.connection.ensureApplication?.(app, CALM);
  const first = await ensure();
  expect(await ensure()).toEqual(first);
  const { rows } = scene.simulator.site.applications;
  expect(rows).toHaveLength(1);
  const byHand = rows[0]?.digest.replaceAll(/LogicalName="Application_[^"]+"/g, 'LogicalName="Application_by-hand"');
  rows.length = 0;
  scene.simulator.site.applications.create(byHand ?? "");
  expect((await ensure())?.handle).toContain("Application_by-hand");
});
