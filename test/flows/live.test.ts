import { afterEach, describe, expect, it } from "vitest";
import { type Subscriber, subscribe } from "../http/subscriber.js";
import { eventually } from "../support/eventually.js";
import { reclaim } from "./leaks.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, devices, syncToken } from "./story.js";

let office: Office;
const open: Subscriber<unknown>[] = [];
afterEach(async () => {
  for (const subscriber of open.splice(0)) await subscriber.stop();
  await office.stop();
});

interface DeploymentTold {
  readonly deploymentChanged: {
    readonly id: string;
    readonly action: string;
    readonly deletedAt: string | null;
    readonly installationCounts: readonly { readonly state: string; readonly count: number }[];
  };
}
const DEPLOYMENTS = `subscription ($ids: [ID!]) {
  deploymentChanged(ids: $ids) { id action deletedAt installationCounts { state count } } }`;

interface EventTold {
  readonly licenseEvents: {
    readonly kind: string;
    readonly cause: string;
    readonly at: string;
    readonly license: { readonly id: string; readonly holderKey: string };
  };
}
const EVENTS = `subscription ($token: ID, $since: DateTime) {
  licenseEvents(token: $token, since: $since) { kind cause at license { id holderKey } } }`;

function follow<Data>(query: string, variables: Record<string, unknown> = {}): Subscriber<Data> {
  const subscriber = subscribe<Data>(office.url, query, variables, office.adminApiKey);
  open.push(subscriber);
  return subscriber;
}

describe("who follows deployments", () => {
  it("is told of one from when it is made until it is deleted, with how many installations are in which state", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 2 } });
    const all = follow<DeploymentTold>(DEPLOYMENTS);
    const deployment = await office.deployTo("All devices", "DEVICE");
    const isIn = (state: string) => (told: DeploymentTold) =>
      told.deploymentChanged.id === deployment &&
      told.deploymentChanged.installationCounts.some((some) => some.state === state && some.count === 2);
    await all.until(isIn("INSTALLED"));

    const one = follow<DeploymentTold>(DEPLOYMENTS, { ids: [deployment] });
    expect((await one.next()).deploymentChanged).toMatchObject({ id: deployment, action: "INSTALL", deletedAt: null });
    await changeAction(office.api, deployment, "UNINSTALL");
    for (const follower of [all, one]) await follower.until(isIn("REMOVED"));
    await office.api.ask("mutation ($id: ID!) { deleteDeployment(input: { deployment: $id }) { deployment { id } } }", {
      id: deployment,
    });
    for (const follower of [all, one]) await follower.until((told) => told.deploymentChanged.deletedAt !== null);
  });
});

describe("who follows the ledger", () => {
  it("is told of the newest starts and ends, then of each that this service or somebody else at Apple brings about", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 2 } });
    const [given, foreign] = (await devices(office.api)).map(({ serial }) => serial);
    const events = follow<EventTold>(EVENTS, { token: office.token });
    const isOf = (kind: string, cause: string, holderKey: string | undefined) => (told: EventTold) => {
      const { license, ...event } = told.licenseEvents;
      return event.kind === kind && event.cause === cause && license.holderKey === holderKey;
    };
    const { assignLicenses } = await office.api.ask<{ assignLicenses: { results: { license: { id: string } }[] } }>(
      "mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) { results { license { id } } } }",
      { input: { storeApp: office.app.id, devices: [(await devices(office.api))[0]?.id] } },
    );
    const started = (await events.until(isOf("STARTED", "MANUAL", given))).at(-1)?.licenseEvents;
    const [license] = assignLicenses.results.map((result) => result.license.id);
    expect(started?.license.id).toBe(license);

    await eventually(async () => {
      const [taken] = await reclaim(office.api, [license ?? ""]);
      return taken?.outcome === "RETURNED" ? true : null;
    });
    await events.until(isOf("ENDED", "MANUAL", given));
    await office.control("/assign", { adamId: office.app.adamId, serialNumber: foreign });
    await syncToken(office.api, office.token);
    await events.until(isOf("STARTED", "EXTERNAL", foreign));
    await office.control("/unassign", { adamId: office.app.adamId, serialNumber: foreign });
    await syncToken(office.api, office.token);
    await events.until(isOf("ENDED", "EXTERNAL", foreign));

    const again = follow<EventTold>(EVENTS, { since: started?.at });
    const told = [await again.next(), await again.next(), await again.next(), await again.next()];
    expect(
      told.map(
        ({
          licenseEvents: {
            kind,
            license: { holderKey },
          },
        }) => [kind, holderKey],
      ),
    ).toEqual([
      ["STARTED", given],
      ["ENDED", given],
      ["STARTED", foreign],
      ["ENDED", foreign],
    ]);
  });
});
