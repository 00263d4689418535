import { afterEach, beforeEach, expect, test } from "vitest";
import { type Caller, startCaller, type Told } from "./adminservice-caller.js";

const ADAM_ID = "6440000001";
let caller: Caller;
let applicationId: number;
beforeEach(async () => {
  caller = await startCaller({ devices: 3, users: 2, licensed: (_adamId, { serial }) => serial !== "SCCM00000003" });
  const made = await caller.post("wmi/SMS_Application", { SDMPackageXML: digest(ADAM_ID) });
  expect(made.status).toBe(201);
  applicationId = made.body.CI_ID;
});
afterEach(() => caller.stop());

function digest(adamId: string): string {
  const id = `AuthoringScopeId="ScopeId_${caller.simulator.site.id}" LogicalName="Application_${adamId}" Version="1"`;
  const link = `<PackageUrl>https://apps.apple.com/app/id${adamId}</PackageUrl>`;
  return `<AppMgmtDigest><Application ${id}><DisplayInfo><Info><Title>App</Title></Info></DisplayInfo></Application>${link}</AppMgmtDigest>`;
}

const devices = () => [...caller.simulator.site.systems.values()].filter(({ clientType }) => clientType === 3);
const rows = async (name: string, filter = "") =>
  (await caller.get(`wmi/${name}${filter && `?$filter=${encodeURIComponent(filter)}`}`)).body.value as Record<
    string,
    unknown
  >[];
const members = async (collection: string) =>
  (await rows("SMS_FullCollectionMembership", `CollectionID eq '${collection}'`)).map(({ ResourceID }) => ResourceID);
const states = async () =>
  (await rows("SMS_AppDeploymentAssetDetails")).map((row) => [row.EnforcementState, row.StatusType]);

async function collection(name: string): Promise<string> {
  const made = await caller.post("wmi/SMS_Collection", {
    Name: name,
    CollectionType: 2,
    LimitToCollectionID: "SMS00001",
  });
  expect(made.status).toBe(201);
  return made.body.CollectionID;
}

function rule(ResourceID: number | undefined) {
  const type = "#AdminService.SMS_CollectionRuleDirect";
  return { "@odata.type": type, ResourceClassName: "SMS_R_System", ResourceID, RuleName: "x" };
}

const addRule = (id: string, ResourceID: number | undefined) =>
  caller.post(`wmi/SMS_Collection('${id}')/AdminService.AddMembershipRule`, { collectionRule: rule(ResourceID) });

function deploy(TargetCollectionID: string, DesiredConfigType: 1 | 2, fields: object = {}): Promise<Told> {
  const at = "2026-01-02T03:04:05Z";
  return caller.post("wmi/SMS_ApplicationAssignment", {
    AssignmentName: "x",
    AssignedCIs: [applicationId],
    AssignmentType: 2,
    DesiredConfigType,
    OfferTypeID: 0,
    StartTime: at,
    EnforcementDeadline: at,
    TargetCollectionID,
    ...fields,
  });
}

test("a collection is made with an id of the site's, and its name is taken then", async () => {
  expect(await collection("Own")).toMatch(/^P01[0-9A-F]{5}$/);
  const again = await caller.post("wmi/SMS_Collection", {
    Name: "own",
    CollectionType: 2,
    LimitToCollectionID: "SMS00001",
  });
  expect(again.status).toBe(400);
  const unlimited = await caller.post("wmi/SMS_Collection", {
    Name: "Two",
    CollectionType: 2,
    LimitToCollectionID: "NONE",
  });
  expect(unlimited.status).toBe(400);
});

test("a direct rule is seen at once by key, and its member only after the evaluation", async () => {
  const id = await collection("Own");
  const [device] = devices();
  expect((await addRule(id, device?.ResourceID)).status).toBe(201);
  const { body } = await caller.get(`wmi/SMS_Collection('${id}')`);
  expect(body.value[0].CollectionRules).toMatchObject([{ ResourceID: device?.ResourceID, RuleName: "x" }]);
  expect(await members(id)).toEqual([]);
  caller.settle();
  expect(await members(id)).toEqual([device?.ResourceID]);
});

test("a rule that is there, one that is not, and one of an unknown device are refused, and nothing is done by halves", async () => {
  const id = await collection("Own");
  const [a, b] = devices();
  await addRule(id, a?.ResourceID);
  expect((await addRule(id, a?.ResourceID)).status).toBe(400);
  const several = (method: string, ids: (number | undefined)[]) =>
    caller.post(`wmi/SMS_Collection('${id}')/AdminService.${method}`, { collectionRules: ids.map(rule) });
  expect((await several("AddMembershipRules", [b?.ResourceID, 999])).status).toBe(400);
  expect((await several("DeleteMembershipRules", [a?.ResourceID, b?.ResourceID])).status).toBe(400);
  expect(caller.simulator.site.collections.rows.get(id)?.rules).toHaveLength(1);
  expect((await several("DeleteMembershipRules", [a?.ResourceID])).status).toBe(201);
});

test("rules are for later releases only, and evaluation for who asks, where the switches say so", async () => {
  const id = await collection("Own");
  const [device] = devices();
  await caller.control("/switches", { ruleMethods: "none", evaluation: "refresh" });
  expect((await addRule(id, device?.ResourceID)).status).toBe(404);
  await caller.control("/switches", { ruleMethods: "single" });
  await addRule(id, device?.ResourceID);
  caller.settle();
  expect(await members(id)).toEqual([]);
  await caller.post(`wmi/SMS_Collection('${id}')/AdminService.RequestRefresh`, {});
  caller.settle();
  expect(await members(id)).toEqual([device?.ResourceID]);
});

test("a required deployment is made, found by its collection and application, and deleted", async () => {
  const id = await collection("Own");
  const { status, body } = await deploy(id, 1);
  expect(status).toBe(201);
  const filter = `TargetCollectionID eq '${id}' and AppModelID eq ${body.AppModelID}`;
  expect(await rows("SMS_ApplicationAssignment", filter)).toMatchObject([{ AssignmentID: body.AssignmentID }]);
  expect((await caller.ask("DELETE", `wmi/SMS_ApplicationAssignment(${body.AssignmentID})`)).status).toBe(204);
  expect((await caller.ask("DELETE", `wmi/SMS_ApplicationAssignment(${body.AssignmentID})`)).status).toBe(404);
  expect(await rows("SMS_ApplicationAssignment", filter)).toEqual([]);
});

test("what cannot be deployed is refused", async () => {
  const id = await collection("Own");
  const wrong = [
    { EnforcementDeadline: undefined },
    { AssignedCIs: [1] },
    { AssignmentType: 1 },
    { OfferTypeID: 1 },
    { TargetCollectionID: "P01FFFFF" },
    { DesiredConfigType: 3 },
  ];
  for (const fields of wrong) expect((await deploy(id, 1, fields)).status).toBe(400);
});

test("devices follow after policy, install and summary have had their time, each with a row of its own", async () => {
  const [a, , unlicensed] = devices();
  const id = await collection("Own");
  await addRule(id, a?.ResourceID);
  await addRule(id, unlicensed?.ResourceID);
  await deploy(id, 1);
  expect(await states()).toEqual([]);
  caller.settle();
  expect(await states()).toEqual([
    [1000, 1],
    [5013, 5],
  ]);
  expect([a?.installed.has(ADAM_ID), unlicensed?.installed.has(ADAM_ID)]).toEqual([true, false]);
});

test("an install wins against an uninstall for as long as the device is in both collections", async () => {
  const [device] = devices();
  const [install, uninstall] = [await collection("In"), await collection("Out")];
  for (const id of [install, uninstall]) await addRule(id, device?.ResourceID);
  await deploy(uninstall, 2);
  await deploy(install, 1);
  caller.settle();
  expect(device?.installed.has(ADAM_ID)).toBe(true);
  await caller.post(`wmi/SMS_Collection('${install}')/AdminService.DeleteMembershipRule`, {
    collectionRule: rule(device?.ResourceID),
  });
  caller.settle();
  expect(device?.installed.has(ADAM_ID)).toBe(false);
});

test("a deployment to a collection of users reaches their devices", async () => {
  const [device] = devices();
  await deploy("SMS00002", 1);
  caller.settle();
  expect(device?.installed.has(ADAM_ID)).toBe(true);
});

test("rows of who has left stay until the deployment goes, or go at once where the switch says so", async () => {
  const [device] = devices();
  const id = await collection("Own");
  await addRule(id, device?.ResourceID);
  const { body } = await deploy(id, 1);
  caller.settle();
  const leave = () =>
    caller.post(`wmi/SMS_Collection('${id}')/AdminService.DeleteMembershipRule`, {
      collectionRule: rule(device?.ResourceID),
    });
  await leave();
  caller.settle();
  expect(await states()).toHaveLength(1);
  await caller.ask("DELETE", `wmi/SMS_ApplicationAssignment(${body.AssignmentID})`);
  expect(await states()).toEqual([]);
});

test("counts are as old as their time, until they are asked to be made", async () => {
  const [device] = devices();
  const id = await collection("Own");
  await addRule(id, device?.ResourceID);
  const { body } = await deploy(id, 1);
  const counts = async () => (await rows("SMS_DeploymentSummary"))[0];
  const before = await counts();
  caller.settle();
  expect(await counts()).toEqual(before);
  await caller.post(`wmi/SMS_DeploymentSummary('${body.AssignmentUniqueID}')/AdminService.UpdateDeployment`, {});
  expect(await counts()).toMatchObject({ NumberTargeted: 1, NumberSuccess: 1 });
});

test("an outcome that is planned comes instead of the usual one, as often as was said", async () => {
  const [device] = devices();
  const id = await collection("Own");
  await addRule(id, device?.ResourceID);
  await caller.control("/outcome", { serial: device?.serial, adamId: ADAM_ID, code: 5002 });
  await deploy(id, 1);
  caller.settle();
  expect(await states()).toEqual([[5002, 5]]);
  await caller.control("/check-in", { serial: device?.serial });
  caller.settle();
  expect(await states()).toEqual([[1000, 1]]);
});

test("an application has one name, the site's scope, and revisions of which one is the latest", async () => {
  expect((await caller.post("wmi/SMS_Application", { SDMPackageXML: digest(ADAM_ID) })).status).toBe(400);
  expect((await caller.post("wmi/SMS_Application", { SDMPackageXML: "<nothing/>" })).status).toBe(400);
  const foreign = digest("6440000009").replaceAll(caller.simulator.site.id, "ANOTHER-SITE");
  expect((await caller.post("wmi/SMS_Application", { SDMPackageXML: foreign })).status).toBe(400);
  await caller.control("/revise-application", { adamId: ADAM_ID });
  const all = await rows("SMS_Application");
  expect(all.map(({ CIVersion, IsLatest }) => [CIVersion, IsLatest])).toEqual([
    [1, false],
    [2, true],
  ]);
  expect(new Set(all.map(({ ModelID }) => ModelID)).size).toBe(1);
});
