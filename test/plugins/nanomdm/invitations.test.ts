import { parse } from "plist";
import { expect, test } from "vitest";
import type { Invitation } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { type MdmTarget, startMdmTarget } from "./mdm-target.js";

const URL = "https://buy.example.com/invitation?code=1&x=2";

function invitation(target: MdmTarget, index: number, user: Invitation["user"]): Invitation {
  return { key: `invitation-${index}`, url: URL, device: target.step(index).device, user };
}

function userOf({ simulator }: MdmTarget, index: number): Invitation["user"] {
  const device = simulator.world.devices[index];
  const channel = [...simulator.world.enrollments.values()].find((one) => one.device === device && one.user);
  return channel ? { externalId: channel.id, principalName: null } : null;
}

/** The commands that were sent, and to which channel. */
function sent({ simulator }: MdmTarget): { to: string; command: unknown }[] {
  return simulator.world.requests.entries
    .filter(({ body }) => body.startsWith("<?xml"))
    .map(({ path, body }) => ({
      to: decodeURIComponent(path.replace(/^.*\//, "").replace(/\?.*/, "")),
      command: (parse(body) as { Command: unknown }).Command,
    }));
}

test.each(["nanomdm", "micromdm"] as const)(
  "%s shows a Mac's user the invitation on their own channel",
  async (flavour) => {
    const target = await startMdmTarget({ flavour, devices: 1, kinds: ["Mac"] });
    const user = userOf(target, 0);
    await target.connection.invite?.([invitation(target, 0, user)], CALM);
    const command = { RequestType: "InviteToProgram", ProgramID: "com.apple.cloudvpp", InvitationURL: URL };
    const to = flavour === "nanomdm" ? user?.externalId : user?.externalId.split(":")[1];
    expect(sent(target)).toEqual([{ to, command }]);
    await target.simulator.world.activity.whenIdle();
    expect(target.simulator.world.devices[0]?.invitations).toEqual([URL]);
  },
);

test.each(["nanomdm", "micromdm"] as const)(
  "%s shows it on the device where the person has no channel",
  async (flavour) => {
    const target = await startMdmTarget({ flavour, devices: 2 });
    const elsewhere = { externalId: "user-of-another-target", principalName: "ann@example.com" };
    await target.connection.invite?.([invitation(target, 0, null), invitation(target, 1, elsewhere)], CALM);
    await target.simulator.world.activity.whenIdle();
    expect(target.simulator.world.devices.map(({ invitations }) => invitations)).toEqual([[URL], [URL]]);
  },
);

test("a person on a Shared iPad is asked on their own channel", async () => {
  const target = await startMdmTarget({ devices: 1, kinds: ["SharedIPad"] });
  const user = userOf(target, 0);
  await target.connection.invite?.([invitation(target, 0, user)], CALM);
  expect(sent(target)).toMatchObject([{ to: user?.externalId }]);
});

test("an invitation that cannot be sent keeps no other from being sent, and its reply tells nothing", async () => {
  const target = await startMdmTarget({ devices: 1 });
  const unknown = {
    ...invitation(target, 0, null),
    key: "unknown",
    device: { ...target.step(0).device, externalId: "X" },
  };
  await target.connection.invite?.([unknown, invitation(target, 0, null)], CALM);
  expect(await target.readings()).toEqual([{ users: [], devices: [], statuses: [], followUps: [] }]);
  expect(target.simulator.world.devices[0]?.invitations).toEqual([URL]);
});

test.each(["nanomdm", "micromdm"] as const)(
  "an invitation that %s rejects keeps no other from being sent, nor does a push that fails",
  async (flavour) => {
    const target = await startMdmTarget({ flavour, devices: 40 });
    await target.control("/fail-next", { path: target.id(0), status: 400 });
    await target.control("/fail-next", { path: "/v1/push", status: 503 });
    const invitations = Array.from({ length: 40 }, (_, index) => invitation(target, index, null));
    await target.connection.invite?.(invitations, CALM);
    await target.control("/wake");
    await target.simulator.world.activity.whenIdle();
    const shown = target.simulator.world.devices.map((device) => device.invitations.length);
    expect(shown).toEqual([0, ...Array.from({ length: 39 }, () => 1)]);
  },
);

test("invitations that there is no time for are left out", async () => {
  let looks = 0;
  const now = () => new Date(Date.UTC(2030, 0, 1) + 1000 * looks++);
  const target = await startMdmTarget({ devices: 60 }, {}, { now });
  await target.connection.invite?.(
    Array.from({ length: 60 }, (_, index) => invitation(target, index, null)),
    CALM,
  );
  await target.simulator.world.activity.whenIdle();
  const shown = target.simulator.world.devices.map((device) => device.invitations.length);
  expect(shown).toEqual(Array.from({ length: 60 }, (_, index) => (index < 39 ? 1 : 0)));
});

test("a server that cannot be reached is told as such", async () => {
  const target = await startMdmTarget();
  await target.control("/fail-next", { status: 503 });
  await expect(target.connection.invite?.([invitation(target, 0, null)], CALM)).rejects.toMatchObject({
    kind: "transient",
  });
});
