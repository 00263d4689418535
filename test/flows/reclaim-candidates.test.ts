import { afterEach, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { candidates, leaks, reasonsByHolder, reclaim } from "./leaks.js";
import { changeAction, collectionNamed, deploy, installations, settled, statesBecome } from "./story.js";
import { phoneOf, resident, startTown, type Town } from "./town.js";

const APP = "6440000001";
const LONG_AGO = new Date(Date.now() - 40 * 24 * 60 * 60_000);

let town: Town;

afterEach(() => town.stop());

async function deployToDevices(): Promise<string> {
  const collection = await collectionNamed(town.api, "everybody");
  const { id } = await town.app(APP);
  const deployment = await deploy(town.api, { storeApp: id, collection, target: town.target, licensing: "DEVICE" });
  await settled(town.api, deployment, ["INSTALLED"]);
  return deployment;
}

it("names the licences of devices that were wiped, retired, deleted or are silent, and nobody else's", async () => {
  const names = ["well", "wiped", "retired", "deleted", "silent", "new"];
  town = await startTown(names.map((name) => resident(name)));
  const deployment = await deployToDevices();
  expect(await candidates(town.api)).toEqual([]);
  town.devices = [
    phoneOf("well", { lastSeenAt: new Date() }),
    phoneOf("wiped", { state: "wiped" }),
    phoneOf("retired", { state: "retired" }),
    phoneOf("deleted", { state: "deleted" }),
    phoneOf("silent", { lastSeenAt: LONG_AGO }),
    phoneOf("new", { lastSeenAt: null }),
  ];
  await town.look();

  const reasons = await eventually(async () => {
    const found = await reasonsByHolder(town.api);
    return Object.keys(found).length === 4 ? found : null;
  });
  expect(reasons).toEqual({
    "SERIAL-WIPED": expect.arrayContaining(["DEVICE_WIPED"]),
    "SERIAL-RETIRED": expect.arrayContaining(["DEVICE_RETIRED"]),
    "SERIAL-DELETED": expect.arrayContaining(["DEVICE_DELETED"]),
    "SERIAL-SILENT": ["DEVICE_SILENT"],
  });
  const [silent] = await candidates(town.api, { reason: ["DEVICE_SILENT"] });
  expect(silent).toMatchObject({ license: { holderKey: "SERIAL-SILENT" }, reclaim: { outcome: "STILL_WANTED" } });

  await reclaim(town.api, [silent?.license.id ?? ""], { evenIfWanted: true });
  await eventually(async () => {
    const seen = await installations(town.api, deployment);
    return seen.some(({ state, reason }) => state === "FAILED" && reason === "RECLAIMED") ? true : null;
  });
  expect(Object.keys(await reasonsByHolder(town.api))).not.toContain("SERIAL-SILENT");
});

it("names the licence of a person only when every device that uses it is gone, and when the person has left", async () => {
  town = await startTown([resident("ada"), resident("ben")]);
  town.devices.push(phoneOf("ada", { externalId: "ada-pad", serial: "SERIAL-ada-pad" }));
  await town.look();
  const deployment = await town.deployToAll(APP);
  await settled(town.api, deployment, ["INSTALLED"]);
  const keyOf = async (name: string) => (await town.registrationsOf(name))[0]?.clientUserId ?? "";
  const ada = await keyOf("ada");

  const [phone, , pad] = town.devices;
  if (!phone || !pad) throw new Error("The devices are missing");
  town.devices = [{ ...phone, lastSeenAt: LONG_AGO }, phoneOf("ben"), { ...pad, lastSeenAt: null }];
  await town.look();
  expect(await reasonsByHolder(town.api)).toEqual({});

  town.devices = [{ ...phone, lastSeenAt: LONG_AGO }, phoneOf("ben"), { ...pad, lastSeenAt: LONG_AGO }];
  await town.look();
  expect(await reasonsByHolder(town.api)).toEqual({ [ada]: ["DEVICE_SILENT"] });

  const ben = await keyOf("ben");
  town.people = town.people.filter(({ externalId }) => externalId !== "ben");
  await town.look();
  await eventually(async () => ((await reasonsByHolder(town.api))[ben]?.includes("USER_LEFT") ? true : null));
  expect(await leaks(town.api, { reason: ["FOUND_AT_APPLE", "ABANDONED", "RETURN_FAILED"] })).toEqual([]);
});

it("leaks the licence of an app that is gone where Apple takes none back, which stays with its holder", async () => {
  town = await startTown([resident("ada")], { apps: 12, licenses: 200 });
  const deployment = await town.deployToAll("6430000003");
  await settled(town.api, deployment, ["INSTALLED"]);
  await changeAction(town.api, deployment, "UNINSTALL");
  await statesBecome(town.api, deployment, { REMOVED: 1 });
  const [leak, ...others] = await leaks(town.api);
  expect(others).toEqual([]);
  expect(leak).toMatchObject({ reason: "IRREVOCABLE", reclaim: { outcome: "IRREVOCABLE" } });
  expect(await leaks(town.api, { reason: ["DEPLOYMENT_ENDED"] })).toEqual([]);
});
