import { afterEach, expect, test } from "vitest";
import type { AdminServiceSimulatorOptions } from "../../../simulators/adminservice/start-adminservice-simulator.js";
import { type Caller, startCaller } from "./adminservice-caller.js";

const callers: Caller[] = [];
afterEach(async () => {
  for (const caller of callers.splice(0)) await caller.stop();
});

async function start(options: AdminServiceSimulatorOptions = {}): Promise<Caller> {
  const caller = await startCaller({ users: 5, devices: 3, computers: 1, ...options });
  callers.push(caller);
  return caller;
}

const query = (path: string, options: Record<string, string>) => `${path}?${new URLSearchParams(options)}`;

async function names(caller: Caller, filter: string): Promise<string[]> {
  const { body } = await caller.get(query("wmi/SMS_R_User", { $filter: filter }));
  return (body.value as { UserName: string }[]).map(({ UserName }) => UserName);
}

test("a list has its rows in value, with a context, and without what is lazy", async () => {
  const { status, body } = await (await start()).get("wmi/SMS_Collection");
  expect(status).toBe(200);
  expect(body["@odata.context"]).toMatch(/\/AdminService\/wmi\/\$metadata#SMS_Collection$/);
  expect(body.value[0]).toMatchObject({ CollectionID: "SMS00001", __LAZYPROPERTIES: ["CollectionRules"] });
  expect(body.value[0]).not.toHaveProperty("CollectionRules");
});

test("an entity asked for by its key comes in value, too, with what is lazy, or bare where the switch says so", async () => {
  const caller = await start();
  const { body } = await caller.get("wmi/SMS_Collection('SMS00001')");
  expect(body.value).toMatchObject([{ Name: "All Systems", CollectionRules: [] }]);
  await caller.control("/switches", { keyed: "entity" });
  expect((await caller.get("wmi/SMS_Collection('SMS00001')")).body).toMatchObject({ Name: "All Systems" });
});

test("an unknown key is 404, or an empty list where the switch says so", async () => {
  const caller = await start();
  const unknown = await caller.get("wmi/SMS_Collection('P01FFFFF')");
  expect([unknown.status, typeof unknown.body.error.message]).toEqual([404, "string"]);
  await caller.control("/switches", { unknownKey: "empty" });
  expect((await caller.get("wmi/SMS_Collection('P01FFFFF')")).body.value).toEqual([]);
});

test("case does not matter on the wmi route, and does on v1.0", async () => {
  const caller = await start();
  expect((await caller.get("WMI/sms_r_system")).status).toBe(200);
  expect((await caller.get("v1.0/Device")).status).toBe(200);
  expect((await caller.get("v1.0/device")).status).toBe(404);
  expect((await caller.get("wmi/SMS_Nonsense")).status).toBe(404);
});

test("filters compare, combine and look into texts, whose quotes are doubled", async () => {
  const caller = await start();
  const added = { domain: "EXAMPLE", fullName: "Pat O'Hara", mail: null, principalName: null };
  caller.simulator.site.addUser({ name: "o'hara", ...added });
  expect(await names(caller, "UserName eq 'user1'")).toEqual(["user1"]);
  expect(await names(caller, "username eq 'USER1'")).toEqual(["user1"]);
  expect(await names(caller, "UserName eq 'o''hara'")).toEqual(["o'hara"]);
  expect(await names(caller, "UserName eq 'user1' or UserName eq 'user3'")).toEqual(["user1", "user3"]);
  expect(await names(caller, "startswith(UserName,'user') eq true and not (UserName eq 'user2')")).toHaveLength(4);
  expect(await names(caller, "endswith(UserName,'5')")).toEqual(["user5"]);
  expect(await names(caller, "Mail eq null")).toEqual(["o'hara"]);
  expect(await names(caller, "ResourceID gt 2063597571 and ResourceID le 2063597573")).toEqual(["user5", "o'hara"]);
});

test.each(["UserName eq", "UserName eq 'open", "(UserName eq 'a'", "UserName § 'a'", "UserName eq 'a' 'b'"])(
  "a filter such as %s is 400",
  async (filter) => {
    expect((await (await start()).get(query("wmi/SMS_R_User", { $filter: filter }))).status).toBe(400);
  },
);

test("only what is selected comes", async () => {
  const { body } = await (await start()).get(query("wmi/SMS_R_User", { $select: "ResourceID,Mail" }));
  expect(Object.keys(body.value[0]).sort()).toEqual(["Mail", "ResourceID"]);
});

test("pages are linked, cut out, or not made at all, as the switch says", async () => {
  const caller = await start({ switches: { pageSize: 2 } });
  const first = await caller.get("wmi/SMS_R_User");
  expect(first.body.value).toHaveLength(2);
  expect(first.body["@odata.nextLink"]).toContain("skiptoken");
  const page = query("wmi/SMS_R_User", { $orderby: "ResourceID", $top: "2", $skip: "2" });
  const users = async (paging: string) => {
    await caller.control("/switches", { paging });
    const { status, body } = await caller.get(page);
    return status === 200 ? (body.value as { UserName: string }[]).map(({ UserName }) => UserName) : status;
  };
  expect(await users("topSkip")).toEqual(["user3", "user4"]);
  expect(await users("topOnly")).toEqual(["user1", "user2"]);
  expect(await users("ignored")).toHaveLength(5);
  expect(await users("refused")).toBe(400);
});

test("a body that is no object, a method that there is not, and a PATCH are refused", async () => {
  const caller = await start();
  expect((await caller.post("wmi/SMS_Collection", [])).status).toBe(400);
  expect((await caller.post("wmi/SMS_Collection('SMS00001')/AdminService.Nonsense", {})).status).toBe(404);
  expect((await caller.ask("PATCH", "wmi/SMS_Collection('SMS00001')", { Name: "x" })).status).toBe(405);
  expect((await caller.get("wmi/SMS_Application(abc)")).status).toBe(400);
});

test("the site tells its id by a method of a class, and its classes as metadata", async () => {
  const caller = await start();
  const { body } = await caller.get("wmi/SMS_Identification.GetSiteID");
  expect(body.SiteID).toBe(`{${caller.simulator.site.id}}`);
  expect((await caller.get("wmi/$metadata")).body).toContain('Name="SMS_Application"');
});
