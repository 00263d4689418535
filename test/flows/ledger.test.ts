import { afterEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { reclaim } from "./leaks.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, deviceCollection, devices, statesBecome, syncToken } from "./story.js";

let office: Office;

afterEach(() => office.stop());

interface EventSeen {
  readonly kind: string;
  readonly at: string;
  readonly cause: string;
  readonly actor: string;
  readonly deployment: { readonly id: string } | null;
  readonly operation: { readonly intent: string; readonly state: string } | null;
  readonly license: { readonly holderKey: string };
}

/** Starts and ends, the oldest first, once there are so many. */
async function eventsBecome(count: number): Promise<EventSeen[]> {
  let seen: EventSeen[] = [];
  return eventually(
    async () => {
      const { licenseEvents } = await office.api.ask<{ licenseEvents: { nodes: EventSeen[] } }>(
        `{ licenseEvents(first: 100) { nodes {
             kind at cause actor deployment { id } operation { intent state } license { holderKey } } } }`,
      );
      seen = licenseEvents.nodes;
      return seen.length === count ? [...seen].reverse() : null;
    },
    () => seen,
  );
}

/** Who held a licence of the office's app then. */
async function holdersAt(at: string): Promise<string[]> {
  const { licensesAt } = await office.api.ask<{ licensesAt: { nodes: { holderKey: string }[] } }>(
    "query ($at: DateTime!, $app: ID) { licensesAt(at: $at, filter: { storeApp: $app }) { nodes { holderKey } } }",
    { at, app: office.app.id },
  );
  return licensesAt.nodes.map(({ holderKey }) => holderKey).sort();
}

const justBefore = (moment: string) => new Date(Date.parse(moment) - 1).toISOString();

describe("the ledger", () => {
  it("tells by which deployment and operation a licence came and went, and who held it at any moment", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 1 } });
    const [device] = await devices(office.api);
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 1 });
    await changeAction(office.api, deployment, "UNINSTALL");
    await statesBecome(office.api, deployment, { REMOVED: 1 });

    const [started, ended] = await eventsBecome(2);
    const both = { cause: "DEPLOYMENT", actor: "deployment", deployment: { id: deployment } };
    expect(started).toMatchObject({ kind: "STARTED", ...both, operation: { intent: "ASSOCIATE", state: "DONE" } });
    expect(ended).toMatchObject({ kind: "ENDED", ...both, operation: { intent: "DISASSOCIATE", state: "DONE" } });

    const [start, end] = [started?.at ?? "", ended?.at ?? ""];
    expect(await holdersAt(justBefore(start))).toEqual([]);
    expect(await holdersAt(start)).toEqual([device?.serial]);
    expect(await holdersAt(justBefore(end))).toEqual([device?.serial]);
    expect(await holdersAt(end)).toEqual([]);
  });

  it("names the deployment that claimed a licence and the one that used it last, where they are two", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 1 } });
    const first = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, first, { INSTALLED: 1 });
    await deviceCollection(office.api, "Desk", [(await devices(office.api))[0]?.id ?? ""]);
    const second = await office.deployTo("Desk", "DEVICE");
    await statesBecome(office.api, second, { INSTALLED: 1 });
    await office.api.ask(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }",
      { input: { deployment: first, onLeave: "UNINSTALL" } },
    );
    await changeAction(office.api, second, "UNINSTALL");
    await statesBecome(office.api, second, { REMOVED: 1 });

    const events = await eventsBecome(2);
    expect(events.map(({ kind, deployment }) => [kind, deployment?.id])).toEqual([
      ["STARTED", first],
      ["ENDED", second],
    ]);
  });

  it("tells an admin's hand here from somebody else's at Apple, each without a deployment", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 1 } });
    const foreign = { adamId: office.app.adamId, serialNumber: "FOREIGN1" };
    await office.control("/assign", foreign);
    await syncToken(office.api, office.token);
    await eventsBecome(1);
    await office.control("/unassign", foreign);
    await syncToken(office.api, office.token);
    await eventsBecome(2);

    const input = { storeApp: office.app.id, devices: [(await devices(office.api))[0]?.id] };
    const { assignLicenses } = await office.api.ask<{ assignLicenses: { results: { license: { id: string } }[] } }>(
      "mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) { results { license { id } } } }",
      { input },
    );
    await eventually(async () => (office.holders().length === 1 ? true : null));
    await eventually(async () => {
      const [taken] = await reclaim(office.api, [assignLicenses.results[0]?.license.id ?? ""]);
      return taken?.outcome === "RETURNED" ? true : null;
    });

    const events = await eventsBecome(4);
    expect(events.map(({ kind, cause, operation }) => [kind, cause, operation?.intent ?? null])).toEqual([
      ["STARTED", "EXTERNAL", null],
      ["ENDED", "EXTERNAL", null],
      ["STARTED", "MANUAL", "ASSOCIATE"],
      ["ENDED", "MANUAL", "DISASSOCIATE"],
    ]);
    expect(events.map(({ deployment }) => deployment)).toEqual([null, null, null, null]);
    expect(events.slice(2).map(({ actor }) => actor)).toEqual(["admin", "admin"]);
  });
});
