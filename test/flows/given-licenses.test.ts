import { afterEach, describe, expect, it } from "vitest";
import { holdersAtApple, postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { leaks, reclaim } from "./leaks.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, devices, statesBecome } from "./story.js";
import { resident, startTown, type Town } from "./town.js";

const BOOK = "6430000001";
const NOT_SPECIAL = "6440000001";
const NOT_FOR_DEVICES = "6430000002";

const ASSIGN = `mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) {
  claimedCount freeCount revocable
  results { outcome device { serial } user { displayName } appleUser { status } license { id holderKey state startCause startActor givenBy } } } }`;

interface Assigned {
  readonly claimedCount: number;
  readonly freeCount: number | null;
  readonly revocable: boolean;
  readonly results: {
    outcome: string;
    device: { serial: string } | null;
    user: { displayName: string } | null;
    appleUser: { status: string } | null;
    license: { id: string; holderKey: string; state: string; startCause: string; givenBy: string | null } | null;
  }[];
}

let place: Office | Town;

afterEach(() => place.stop());

async function assign(input: Record<string, unknown>): Promise<Assigned> {
  return (await place.api.ask<{ assignLicenses: Assigned }>(ASSIGN, { input })).assignLicenses;
}

function associations(): number {
  return postsTo(place.apple).filter((path) => path === "/assets/associate").length;
}

describe("licences that are given to devices", () => {
  it("serve a deployment that would use a person's, since one need has one licence", async () => {
    const town = await startTown([resident("ann")]);
    place = town;
    const app = await town.app(NOT_SPECIAL);
    const [phone] = await devices(town.api);
    await assign({ storeApp: app.id, devices: [phone?.id] });
    const deployment = await town.deployToAll(NOT_SPECIAL);
    const [installed] = await statesBecome(town.api, deployment, { INSTALLED: 1 });
    expect(installed?.license?.holderKey).toBe(phone?.serial);
    expect(holdersAtApple(town.apple, NOT_SPECIAL)).toEqual([phone?.serial]);
  });

  it("are there without an install, are joined by a deployment, outlast it, and are taken back by reclaimLicenses", async () => {
    const office = await startOffice({ licenses: 10, mock: { userless: 2 } });
    place = office;
    const known = await devices(office.api);
    const input = { storeApp: office.app.id, devices: known.map(({ id }) => id) };
    expect(await assign({ ...input, dryRun: true })).toMatchObject({ claimedCount: 2, freeCount: 10 });
    expect(associations()).toBe(0);

    const given = await assign(input);
    expect(given.results.map(({ outcome, license }) => [outcome, license?.startCause, license?.givenBy])).toEqual([
      ["GIVEN", "MANUAL", "admin"],
      ["GIVEN", "MANUAL", "admin"],
    ]);
    const serials = known.map(({ serial }) => serial).sort();
    await eventually(async () => (JSON.stringify(office.holders()) === JSON.stringify(serials) ? true : null));
    expect((await assign(input)).results.map(({ outcome }) => outcome)).toEqual(["ALREADY_HELD", "ALREADY_HELD"]);

    const deployment = await office.deployTo("All devices", "DEVICE");
    const installed = await statesBecome(office.api, deployment, { INSTALLED: 2 });
    expect(installed.map(({ license }) => license?.id).sort()).toEqual(
      given.results.map(({ license }) => license?.id).sort(),
    );
    expect(associations()).toBe(1);

    await changeAction(office.api, deployment, "UNINSTALL");
    const removed = await statesBecome(office.api, deployment, { REMOVED: 2 });
    expect(removed.map(({ reason }) => reason)).toEqual(["LICENSE_KEPT", "LICENSE_KEPT"]);
    expect(office.holders()).toEqual(serials);
    expect(await leaks(office.api)).toEqual([]);

    await reclaim(
      office.api,
      given.results.flatMap(({ license }) => license?.id ?? []),
    );
    await eventually(async () => (office.holders().length === 0 ? true : null));
  });

  it("are all given or none: too few are refused with the numbers, and nothing is written or sent", async () => {
    const office = await startOffice({ licenses: 2, mock: { userless: 3 } });
    place = office;
    const input = { storeApp: office.app.id, devices: (await devices(office.api)).map(({ id }) => id) };
    const refused = await office.api.refused(ASSIGN, { input });
    expect(refused.extensions).toMatchObject({ code: "NO_LICENSE_AVAILABLE", details: { needed: 3, free: 2 } });
    expect(await office.counts()).toMatchObject({ heldCount: 0 });
    expect(associations()).toBe(0);
  });
});

describe("licences that are given to people", () => {
  it("wait for their registration, which is asked for; a book is given and never comes back, and that is said before", async () => {
    const town = await startTown([resident("ada")], { apps: 12, licenses: 200 });
    place = town;
    const { users } = await town.api.ask<{ users: { nodes: { id: string }[] } }>("query { users { nodes { id } } }");
    const input = { storeApp: (await book(town)).id, users: users.nodes.map(({ id }) => id) };

    const first = await assign(input);
    expect(first.results).toMatchObject([{ outcome: "REGISTRATION_REQUESTED", license: null }]);
    await eventually(async () => ((await town.registrationsOf("ada"))[0]?.status === "ASSOCIATED" ? true : null));
    expect(await assign({ ...input, dryRun: true })).toMatchObject({ claimedCount: 1, revocable: false });
    const given = await assign(input);
    expect(given.results).toMatchObject([{ outcome: "GIVEN", appleUser: { status: "ASSOCIATED" } }]);
    await eventually(async () => (holdersAtApple(town.apple, BOOK).length === 1 ? true : null));

    const [kept] = await reclaim(town.api, [given.results[0]?.license?.id ?? ""]);
    expect(kept).toMatchObject({ outcome: "IRREVOCABLE" });
    expect(holdersAtApple(town.apple, BOOK)).toHaveLength(1);
  });

  it("alone are possible for an app that is not for devices, and for a book", async () => {
    const town = await startTown([resident("ada")], { apps: 12, licenses: 200 });
    place = town;
    const named = (await devices(town.api)).map(({ id }) => id);
    const personal = await town.app(NOT_FOR_DEVICES);
    for (const { id } of [personal, await book(town)]) {
      const refused = await town.api.refused(ASSIGN, { input: { storeApp: id, devices: named } });
      expect(refused.extensions.code).toBe("PRECONDITION_FAILED");
    }
    expect(postsTo(town.apple)).not.toContain("/assets/associate");
  });

  async function book(town: Town): Promise<{ id: string }> {
    const { storeApps } = await town.api.ask<{ storeApps: { nodes: { id: string }[] } }>(
      "query ($adamId: String!) { storeApps(filter: { productType: BOOK, adamId: $adamId }) { nodes { id } } }",
      { adamId: BOOK },
    );
    const [found] = storeApps.nodes;
    if (!found) throw new Error("The book did not come in");
    return found;
  }
});
