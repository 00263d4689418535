import { afterEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { reclaim } from "./leaks.js";
import {
  addToken,
  apps,
  changeAction,
  collectionNamed,
  deploy,
  devices,
  type InstallationSeen,
  settled,
  statesBecome,
  syncToken,
} from "./story.js";
import { phoneOf, resident, startTown, type Town } from "./town.js";

/** What could not be done is done by itself when nothing hinders it any more. */

const APP = "6440000001";

let town: Town;
afterEach(() => town.stop());

function reasonsOf(seen: readonly InstallationSeen[]): string[] {
  return seen.flatMap(({ state, reason }) => (state === "NOT_APPLICABLE" ? (reason ?? "none") : []));
}

it("A person's sixth device gets the app when one of the five is gone", async () => {
  town = await startTown([resident("ann")]);
  town.devices = Array.from({ length: 6 }, (_, n) =>
    phoneOf("ann", { externalId: `ann-${n}`, serial: `SERIAL-ANN-${n}` }),
  );
  await town.look();
  const deployment = await town.deployToAll(APP);
  const seen = await statesBecome(town.api, deployment, { INSTALLED: 5, NOT_APPLICABLE: 1 });
  expect(reasonsOf(seen)).toEqual(["DEVICE_LIMIT"]);
  const gone = seen.find(({ state }) => state === "INSTALLED")?.device?.serial;
  town.devices = town.devices.filter(({ serial }) => serial !== gone);
  await town.look();
  await statesBecome(town.api, deployment, { INSTALLED: 5, FAILED: 1 });
  expect(await town.app(APP)).toMatchObject({ heldCount: 1 });
});

it("Who had left gets the app when they are back", async () => {
  town = await startTown([resident("ann"), resident("bob")]);
  const everybody = [...town.people];
  town.people = everybody.slice(0, 1);
  await town.look();
  const deployment = await town.deployToAll(APP);
  const seen = await statesBecome(town.api, deployment, { INSTALLED: 1, NOT_APPLICABLE: 1 });
  expect(reasonsOf(seen)).toEqual(["USER_LEFT"]);
  town.people = everybody;
  await town.look();
  await statesBecome(town.api, deployment, { INSTALLED: 2 });
});

it("A device gets the app when the MDM corrects its platform, or Apple says that the app runs there", async () => {
  town = await startTown([resident("ann"), resident("bob")]);
  town.devices = [phoneOf("ann", { platform: "tvOS" }), phoneOf("bob", { platform: "tvOS" })];
  await town.look();
  const deployment = await town.deployToAll(APP);
  const seen = await statesBecome(town.api, deployment, { NOT_APPLICABLE: 2 });
  expect(reasonsOf(seen)).toEqual(["PLATFORM_UNSUPPORTED", "PLATFORM_UNSUPPORTED"]);
  town.devices = [phoneOf("ann", { platform: "iOS" }), phoneOf("bob", { platform: "tvOS" })];
  await town.look();
  await statesBecome(town.api, deployment, { INSTALLED: 1, NOT_APPLICABLE: 1 });
  for (const { item } of town.apple.world.locations[0]?.assets.rows ?? []) item.supportedPlatforms.push("tvOS");
  await syncToken(town.api, town.token);
  await statesBecome(town.api, deployment, { INSTALLED: 2 });
});

it("A device gets the app by this token when the other token's licence has ended", async () => {
  town = await startTown([resident("ann")], {}, { TOKEN_LIMIT: "2" });
  const second = await addToken(town.api, town.apple.addLocation({ name: "Second" }).token.text, "Second");
  const collection = await collectionNamed(town.api, "everybody");
  const wish = { collection, target: town.target, licensing: "DEVICE" } as const;
  const first = await deploy(town.api, { storeApp: (await town.app(APP)).id, ...wish });
  await settled(town.api, first, ["INSTALLED"]);
  const same = (await apps(town.api, second)).find(({ adamId }) => adamId === APP);
  const other = await deploy(town.api, { storeApp: same?.id ?? "", ...wish });
  const refused = await settled(town.api, other, ["NOT_APPLICABLE"]);
  expect(reasonsOf(refused)).toEqual(["SERVED_BY_OTHER_TOKEN"]);
  await changeAction(town.api, first, "UNINSTALL");
  await settled(town.api, first, ["REMOVED"]);
  await settled(town.api, other, ["INSTALLED"]);
});

describe("A licence of another token that was given without an install", () => {
  const ASSIGN = `mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) {
    results { outcome license { id } } } }`;

  async function give(input: Record<string, unknown>): Promise<{ outcome: string; license: { id: string } | null }> {
    const { assignLicenses } = await town.api.ask<{
      assignLicenses: { results: { outcome: string; license: { id: string } | null }[] };
    }>(ASSIGN, { input });
    const [result] = assignLicenses.results;
    if (!result) throw new Error("Nobody was named");
    return result;
  }

  /** The same app of a second token. */
  async function appOfSecondToken(): Promise<string> {
    const second = await addToken(town.api, town.apple.addLocation({ name: "Second" }).token.text, "Second");
    return (await apps(town.api, second)).find(({ adamId }) => adamId === APP)?.id ?? "";
  }

  /** Once Apple has confirmed it. */
  async function takeBack(license: string): Promise<void> {
    await eventually(async () => ((await reclaim(town.api, [license]))[0]?.outcome === "RETURNED" ? true : null));
  }

  it("keeps the device from a second one, until it is taken back", async () => {
    town = await startTown([resident("ann")], {}, { TOKEN_LIMIT: "2" });
    const storeApp = await appOfSecondToken();
    const [phone] = await devices(town.api);
    const given = await give({ storeApp, devices: [phone?.id] });
    const collection = await collectionNamed(town.api, "everybody");
    const wish = { collection, target: town.target, licensing: "DEVICE" } as const;
    const deployment = await deploy(town.api, { storeApp: (await town.app(APP)).id, ...wish });
    expect(reasonsOf(await settled(town.api, deployment, ["NOT_APPLICABLE"]))).toEqual(["SERVED_BY_OTHER_TOKEN"]);
    expect(await town.app(APP)).toMatchObject({ heldCount: 0 });
    await takeBack(given.license?.id ?? "");
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(await town.app(APP)).toMatchObject({ heldCount: 1 });
  });

  it("keeps the person from a second one, until it is taken back", async () => {
    town = await startTown([resident("ann")], {}, { TOKEN_LIMIT: "2" });
    const ofSecond = await appOfSecondToken();
    const { users } = await town.api.ask<{ users: { nodes: { id: string }[] } }>("query { users { nodes { id } } }");
    const input = { storeApp: (await town.app(APP)).id, users: users.nodes.map(({ id }) => id) };
    const given = await eventually(async () => {
      const { outcome, license } = await give(input);
      return outcome === "GIVEN" ? license : null;
    });
    const collection = await collectionNamed(town.api, "everybody");
    const wish = { collection, target: town.target, licensing: "USER" } as const;
    const deployment = await deploy(town.api, { storeApp: ofSecond, ...wish });
    expect(reasonsOf(await settled(town.api, deployment, ["NOT_APPLICABLE"]))).toEqual(["SERVED_BY_OTHER_TOKEN"]);
    await takeBack(given.id);
    await settled(town.api, deployment, ["WAITING_FOR_USER"]);
  });
});
