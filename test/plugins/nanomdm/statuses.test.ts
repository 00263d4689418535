import { describe, expect, test } from "vitest";
import type { Step, StepStatus, WebhookReading } from "../../../src/plugins/contract.js";
import { ADAM_ID, BUNDLE_ID, type MdmTarget, readEvent, startMdmTarget } from "./mdm-target.js";

/** Tells a step. @returns its handle. */
async function tell(target: MdmTarget, step: Step): Promise<string> {
  const outcome = await target.apply(step);
  if (outcome?.outcome !== "accepted") throw new Error(`Not accepted: ${JSON.stringify(outcome)}`);
  return outcome.handle;
}

/** Asks the device what became of a step. @returns what its answer tells. */
async function look(target: MdmTarget, handle: string): Promise<WebhookReading | undefined> {
  await target.readings();
  await tell(target, target.step(0, { action: "verify", handle }));
  return (await target.readings())[0];
}

const statusesOf = (readings: readonly (WebhookReading | undefined)[]) =>
  readings.flatMap((reading) => reading?.statuses ?? []);

describe.each(["nanomdm", "micromdm"] as const)("of a device of %s", (flavour) => {
  test("an acknowledged install is under way, and is looked after 15 seconds later", async () => {
    const target = await startMdmTarget({ flavour, switches: { installMs: 60_000 } });
    const handle = await tell(target, target.step(0));
    expect(await target.readings()).toMatchObject([
      {
        statuses: [{ handle, device: target.id(0), state: "pending" }],
        followUps: [{ handle, device: target.id(0), afterMs: 15_000 }],
      },
    ]);
  });

  test("an app counts as installed once the device lists it as managed, whatever it answered before", async () => {
    const target = await startMdmTarget({ flavour });
    const handle = await tell(target, target.step(0));
    expect(statusesOf(await target.readings())).toMatchObject([{ state: "installing" }]);
    const reading = await look(target, handle);
    expect(reading).toMatchObject({ statuses: [{ handle, device: target.id(0), state: "installed" }], followUps: [] });
  });

  test("an app that is not there yet is looked for again after 20 seconds", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/install-end", { device: target.id(0), end: "Installing" });
    const handle = await tell(target, target.step(0));
    expect(await look(target, handle)).toMatchObject({
      statuses: [{ state: "installing" }],
      followUps: [{ handle, afterMs: 20_000 }],
    });
  });

  test("an app that the device has lost is looked for again, too", async () => {
    const target = await startMdmTarget({ flavour });
    const handle = await tell(target, target.step(0));
    target.simulator.world.devices[0]?.apps.clear();
    expect(await look(target, handle)).toMatchObject({ statuses: [{ state: "pending" }], followUps: [{ handle }] });
  });

  test.each([
    ["Queued", "pending"],
    ["Prompting", "needs-user"],
    ["PromptingForLogin", "needs-user"],
    ["PromptingForManagement", "needs-user"],
    ["NeedsRedemption", "needs-user"],
    ["Unknown", "unknown"],
  ])("%s is %s, and is looked after", async (end, state) => {
    const target = await startMdmTarget({ flavour });
    await target.control("/install-end", { device: target.id(0), end });
    const handle = await tell(target, target.step(0));
    const reading = await look(target, handle);
    expect(reading).toMatchObject({ statuses: [{ state }], followUps: [{ handle }] });
    expect(reading?.statuses[0]?.failure?.code).toBe(state === "needs-user" ? "NEEDS_USER" : undefined);
  });

  test.each([
    ["UserInstalledApp", "installed", undefined],
    ["UserRejected", "failed", "USER_REFUSED"],
    ["ManagementRejected", "failed", "USER_REFUSED"],
    ["Failed", "failed", "INSTALL_FAILED"],
  ])("%s, which is told once, is %s for good", async (end, state, code) => {
    const target = await startMdmTarget({ flavour });
    await target.control("/install-end", { device: target.id(0), end });
    const handle = await tell(target, target.step(0));
    const reading = await look(target, handle);
    expect(reading?.followUps).toEqual([]);
    expect(reading?.statuses).toMatchObject([{ handle, state }]);
    expect(reading?.statuses[0]?.failure?.code).toBe(code);
  });

  test("an update that the person refuses leaves the app where it is", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/install-end", { device: target.id(0), end: "UpdateRejected" });
    const handle = await tell(target, target.step(0));
    expect(await look(target, handle)).toMatchObject({ statuses: [{ state: "pending" }], followUps: [{ handle }] });
    expect(await look(target, handle)).toMatchObject({ statuses: [{ state: "installed" }], followUps: [] });
  });

  test.each([
    ["AppAlreadyInstalled", "INSTALL_FAILED"],
    ["AppStoreDisabled", "INSTALL_FAILED"],
    ["CouldNotVerifyAppID", "INSTALL_FAILED"],
    ["Other", "INSTALL_FAILED"],
    ["NotSupported", "NOT_SUPPORTED"],
    ["PurchaseMethodNotSupportedInMultiUser", "NOT_SUPPORTED"],
    ["NotAnApp", "NOT_SUPPORTED"],
  ])("a rejection for %s is told with that reason, as %s", async (reason, code) => {
    const target = await startMdmTarget({ flavour });
    await target.control("/reject-installs", { device: target.id(0), reason });
    await tell(target, target.step(0));
    const [status] = statusesOf(await target.readings());
    expect(status).toMatchObject({ state: "failed", failure: { code, detail: expect.stringContaining(reason) } });
  });

  test("an install that is queued on the device already is no failure", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/reject-installs", { device: target.id(0), reason: "AppAlreadyQueued" });
    const handle = await tell(target, target.step(0));
    expect(await target.readings()).toMatchObject([{ statuses: [{ state: "pending" }], followUps: [{ handle }] }]);
  });

  test("an error is told with all its causes, as data", async () => {
    const target = await startMdmTarget({ flavour });
    const errorChain = [
      { ErrorCode: 12064, ErrorDomain: "MCMDMErrorDomain", USEnglishDescription: "The install failed." },
      { ErrorCode: 9610, ErrorDomain: "StoreErrorDomain", LocalizedDescription: "Keine Lizenz." },
    ];
    await target.control("/answer", { device: target.id(0), status: "Error", errorChain });
    await tell(target, target.step(0));
    const [status] = statusesOf(await target.readings());
    expect(status).toMatchObject({ state: "failed", failure: { code: "INSTALL_FAILED" } });
    for (const part of ["MCMDMErrorDomain 12064", "The install failed.", "StoreErrorDomain 9610", "Keine Lizenz."]) {
      expect(status?.failure?.detail).toContain(part);
    }
  });

  test("a command that the device cannot read is the target's failure", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/answer", { device: target.id(0), status: "CommandFormatError" });
    await tell(target, target.step(0));
    expect(statusesOf(await target.readings())).toMatchObject([
      { state: "failed", failure: { code: "REJECTED_BY_TARGET" } },
    ]);
  });

  test("NotNow is a wait that the device ends by itself", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/answer", { device: target.id(0), status: "NotNow" });
    const handle = await tell(target, target.step(0));
    expect(await target.readings()).toMatchObject([{ statuses: [{ handle, state: "pending" }], followUps: [] }]);
    await target.control("/wake");
    expect(await target.readings()).toMatchObject([
      { statuses: [{ handle, state: "installing" }], followUps: [{ handle }] },
    ]);
  });

  test("a removal counts when the device no longer lists the app", async () => {
    const target = await startMdmTarget({ flavour });
    await tell(target, target.step(0));
    await target.readings();
    const handle = await tell(target, target.step(0, { action: "remove" }));
    expect(await target.readings()).toMatchObject([
      { statuses: [{ handle, state: "pending" }], followUps: [{ handle, afterMs: 15_000 }] },
    ]);
    expect(await look(target, handle)).toMatchObject({ statuses: [{ handle, state: "removed" }], followUps: [] });
  });

  test("a removal that takes its time is looked after again", async () => {
    const target = await startMdmTarget({ flavour, switches: { removeMs: 60_000 } });
    await tell(target, target.step(0));
    const handle = await tell(target, target.step(0, { action: "remove" }));
    expect(await look(target, handle)).toMatchObject({
      statuses: [{ handle, state: "pending" }],
      followUps: [{ handle }],
    });
  });

  test("an app that was not there is removed, though the device answers its removal with an error", async () => {
    const target = await startMdmTarget({ flavour });
    const handle = await tell(target, target.step(0, { action: "remove" }));
    expect(await target.readings()).toMatchObject([
      {
        statuses: [
          { handle, state: "needs-user", failure: { code: "NEEDS_USER", detail: expect.stringContaining("12024") } },
        ],
        followUps: [{ handle, afterMs: 15_000 }],
      },
    ]);
    expect(await look(target, handle)).toMatchObject({ statuses: [{ handle, state: "removed" }], followUps: [] });
  });

  test("an app that the person has deleted is removed", async () => {
    const target = await startMdmTarget({ flavour });
    const installed = await tell(target, target.step(0));
    await target.control("/person-deletes", { device: target.id(0), bundleId: BUNDLE_ID });
    expect(await look(target, installed)).toMatchObject({ statuses: [{ state: "removed" }] });
    const handle = await tell(target, target.step(0, { action: "remove" }));
    expect(await look(target, handle)).toMatchObject({ statuses: [{ handle, state: "removed" }] });
  });

  test("an app that a declaration manages fails with the device's reason", async () => {
    const target = await startMdmTarget({ flavour });
    await target.control("/declare-app", { device: target.id(0), adamId: ADAM_ID });
    await tell(target, target.step(0));
    const failure = { code: "INSTALL_FAILED", detail: expect.stringContaining("declaration") };
    expect(statusesOf(await target.readings())).toMatchObject([{ state: "failed", failure }]);
  });

  test("a list that the device cannot give tells nothing", async () => {
    const target = await startMdmTarget({ flavour });
    const handle = await tell(target, target.step(0));
    await target.readings();
    await target.control("/answer", { device: target.id(0), status: "Error" });
    expect(await look(target, handle)).toMatchObject({ statuses: [{ state: "unknown" }], followUps: [] });
  });

  test("what a device tells is dated by the server, so that late news are seen to be old", async () => {
    const target = await startMdmTarget({ flavour });
    const before = Date.now();
    const handle = await tell(target, target.step(0));
    await look(target, handle);
    const { events } = target.simulator.world.webhook;
    const read = (event: (typeof events)[number]): StepStatus[] => [...readEvent(target.connection, event).statuses];
    const inOrder = events.flatMap(read);
    const outOfOrder = [...events].reverse().flatMap(read);
    expect(outOfOrder.sort((a, b) => a.observedAt.getTime() - b.observedAt.getTime())).toEqual(inOrder);
    expect(inOrder[0]?.observedAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  test("another step's command tells nothing of this one", async () => {
    const target = await startMdmTarget({ flavour });
    const first = await tell(target, target.step(0));
    const second = await tell(target, target.step(0));
    expect(second).not.toBe(first);
    expect(new Set(statusesOf(await target.readings()).map(({ handle }) => handle))).toEqual(new Set([first, second]));
  });
});
