import { expect, test } from "vitest";
import { startMdmCaller } from "./mdm-caller.js";

const ADAM_ID = "6440000001";
const BUNDLE_ID = `com.example.app${ADAM_ID}`;
const install = {
  RequestType: "InstallApplication",
  iTunesStoreID: Number(ADAM_ID),
  Options: { PurchaseMethod: 1 },
  ManagementFlags: 1,
};
const remove = { RequestType: "RemoveApplication", Identifier: BUNDLE_ID };
const list = { RequestType: "ManagedApplicationList", Identifiers: [BUNDLE_ID] };

test("a device that enrols tells of itself: first who it is, then how it is woken", async () => {
  const { events, id } = await startMdmCaller({ devices: 1 });
  const [authenticate, update] = events();
  expect(authenticate).toMatchObject({
    topic: "mdm.Authenticate",
    payload: { UDID: id(0), SerialNumber: "NANO00000001", ProductName: "iPhone14,2" },
    event: { checkin_event: { udid: id(0), ids: { id: id(0), type: "Device" } } },
  });
  expect(update).toMatchObject({ topic: "mdm.TokenUpdate", event: { checkin_event: { token_update_tally: 1 } } });
  expect(update?.payload).not.toHaveProperty("SerialNumber");
});

test("each kind of enrolment has its ids", async () => {
  const kinds = ["Mac", "SharedIPad", "UserEnrollment"] as const;
  const { events, id, simulator } = await startMdmCaller({ kinds });
  const ids = events("mdm.TokenUpdate").map(({ event }) => (event.checkin_event as { ids: object }).ids);
  const [mac] = simulator.world.devices;
  expect(ids).toEqual([
    { id: id(0), type: "Device" },
    { id: expect.stringMatching(`^${mac?.udid}:[0-9A-F-]{36}$`), type: "User", parent_id: id(0) },
    { id: id(1), type: "Device" },
    { id: `${id(1)}:user2@example.com`, type: "Shared iPad", parent_id: id(1) },
    { id: id(2), type: "User Enrollment (Device)" },
  ]);
  expect(events("mdm.Authenticate").at(-1)?.payload).not.toHaveProperty("SerialNumber");
});

test("an acknowledged install is on its way, and its list tells how far it is", async () => {
  const { command, answers, id } = await startMdmCaller({ switches: { installMs: 60 } });
  await command(id(0), "i", install);
  expect(answers("i")).toMatchObject([{ Status: "Acknowledged", Identifier: BUNDLE_ID, State: "Queued" }]);
  await expect
    .poll(async () => {
      const uuid = String(Math.random());
      await command(id(0), uuid, list);
      return answers(uuid)[0]?.ManagedApplicationList;
    })
    .toMatchObject({ [BUNDLE_ID]: { Status: "Managed", ManagementFlags: 1 } });
});

test("an app that is removed is no longer listed, and a second removal fails", async () => {
  const { command, answers, id } = await startMdmCaller();
  await command(id(0), "i", install);
  await command(id(0), "r", remove);
  await command(id(0), "l", list);
  await command(id(0), "r2", remove);
  expect(answers("r")).toMatchObject([{ Status: "Acknowledged" }]);
  expect(answers("l")[0]?.ManagedApplicationList).toEqual({});
  expect(answers("r2")).toMatchObject([{ Status: "Error", ErrorChain: [{ ErrorDomain: "MCMDMErrorDomain" }] }]);
});

const managed = { [BUNDLE_ID]: { Status: "Managed" } };

test.each([
  ["UserInstalledApp", {}],
  ["UserRejected", {}],
  ["ManagementRejected", {}],
  ["Failed", {}],
  ["UpdateRejected", managed],
])("%s is told once", async (end, afterwards) => {
  const { command, control, answers, id } = await startMdmCaller();
  await control("/install-end", { device: id(0), end });
  await command(id(0), "i", install);
  await command(id(0), "l1", list);
  await command(id(0), "l2", list);
  expect(answers("l1")[0]?.ManagedApplicationList).toMatchObject({ [BUNDLE_ID]: { Status: end } });
  const second = answers("l2")[0]?.ManagedApplicationList;
  expect(second).toMatchObject(afterwards);
  expect(Object.keys(second as object)).toEqual(Object.keys(afterwards));
});

test("NotNow keeps a command queued, lets others go first, and is answered at the next connection", async () => {
  const { command, control, answers, id } = await startMdmCaller();
  await control("/answer", { device: id(0), status: "NotNow", requestType: "InstallApplication" });
  await control("/online", { device: id(0), online: false });
  await command(id(0), "i", install);
  await command(id(0), "l", list);
  await control("/online", { device: id(0), online: true });
  await expect.poll(() => answers("l")).toHaveLength(1);
  expect(answers("i").map(({ Status }) => Status)).toEqual(["NotNow"]);
  await control("/wake", { device: id(0) });
  await expect.poll(() => answers("i").map(({ Status }) => Status)).toEqual(["NotNow", "Acknowledged"]);
});

test("a device that is offline for days takes all that was queued when it is back", async () => {
  const { command, control, answers, id } = await startMdmCaller();
  await control("/online", { device: id(0), online: false });
  await command(id(0), "i", install);
  expect(answers("i")).toEqual([]);
  await control("/online", { device: id(0), online: true });
  await expect.poll(() => answers("i")).toHaveLength(1);
});

test("a check-out in the midst of it drops what was queued, and the managed apps with it", async () => {
  const { command, control, events, answers, simulator, id } = await startMdmCaller();
  await command(id(0), "i", install);
  await control("/online", { device: id(0), online: false });
  await command(id(0), "l", list);
  await control("/check-out", { device: id(0) });
  await control("/online", { device: id(0), online: true });
  expect(events("mdm.CheckOut")).toHaveLength(1);
  expect(answers("l")).toEqual([]);
  expect(simulator.world.devices[0]?.apps.size).toBe(0);
  expect((await command(id(0), "l2", list)).status).toBe(500);
});

test("an app that is managed by a declaration is not listed, and commands about it fail", async () => {
  const { command, control, answers, id } = await startMdmCaller();
  await control("/declare-app", { device: id(0), adamId: ADAM_ID });
  for (const [uuid, order] of [
    ["i", install],
    ["r", remove],
  ] as const) {
    await command(id(0), uuid, order);
    expect(answers(uuid)).toMatchObject([{ Status: "Error" }]);
  }
  await command(id(0), "l", list);
  expect(answers("l")[0]?.ManagedApplicationList).toEqual({});
});

test("without a licence a device is refused by the store", async () => {
  const store = { bundleIdOf: async () => BUNDLE_ID, hasLicense: async () => false };
  const { command, answers, id } = await startMdmCaller({ store });
  await command(id(0), "i", install);
  expect(answers("i")).toMatchObject([{ Status: "Error", ErrorChain: [{ ErrorCode: expect.any(Number) }] }]);
});

test("a person's own app is taken over only where the command says so, and on a Mac only as managed", async () => {
  const { command, control, answers, id } = await startMdmCaller({ kinds: ["iPhone", "Mac"] });
  await control("/person-installs", { device: id(0), adamId: ADAM_ID });
  await command(id(0), "i1", install);
  expect(answers("i1")).toMatchObject([{ RejectionReason: "AppAlreadyInstalled" }]);
  await command(id(0), "i2", { ...install, ChangeManagementState: "Managed" });
  expect(answers("i2")).toMatchObject([{ Status: "Acknowledged", Identifier: BUNDLE_ID }]);
  await command(id(1), "mac", install);
  await command(id(1), "l", list);
  expect(answers("l")[0]?.ManagedApplicationList).toMatchObject({ [BUNDLE_ID]: { Status: "UserInstalledApp" } });
});

test("an app that the person has deleted is said to be so", async () => {
  const { command, control, answers, id } = await startMdmCaller();
  await command(id(0), "i", install);
  await control("/person-deletes", { device: id(0), bundleId: BUNDLE_ID });
  await command(id(0), "l", list);
  expect(answers("l")[0]?.ManagedApplicationList).toMatchObject({ [BUNDLE_ID]: { Status: "ManagedButUninstalled" } });
});

test("an invitation is shown to who is on that channel", async () => {
  const { command, answers, simulator } = await startMdmCaller({ kinds: ["Mac"], devices: 1 });
  const user = [...simulator.world.enrollments.values()].find(({ type }) => type === "User");
  const invite = {
    RequestType: "InviteToProgram",
    ProgramID: "com.apple.cloudvpp",
    InvitationURL: "https://example.com/i",
  };
  await command(user?.id ?? "", "n", invite);
  expect(answers("n")).toMatchObject([{ InvitationResult: "Acknowledged", UserID: user?.user?.id }]);
  expect(simulator.world.devices[0]?.invitations).toEqual(["https://example.com/i"]);
});
