import { afterEach, describe, expect, it } from "vitest";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { candidates, endings, leaks, reclaim, setNeverReclaim } from "./leaks.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, deviceCollection, devices, installations, statesBecome, syncToken } from "./story.js";

let office: Office;

afterEach(() => office.stop());

/** An office whose devices have the app, each by a licence of its own. @returns the deployment. */
async function openInstalled(count: number): Promise<string> {
  office = await startOffice({ licenses: 10, mock: { userless: count } });
  const deployment = await office.deployTo("All devices", "DEVICE");
  await statesBecome(office.api, deployment, { INSTALLED: count });
  return deployment;
}

async function openWithDesk(): Promise<{ deployment: string; collection: string; ids: string[] }> {
  office = await startOffice({ licenses: 10, mock: { userless: 3 } });
  const known = await devices(office.api);
  const ids = known.map(({ id }) => id);
  const collection = await deviceCollection(office.api, "Desk", ids);
  const deployment = await office.deployTo("Desk", "DEVICE");
  await statesBecome(office.api, deployment, { INSTALLED: 3 });
  return { deployment, collection, ids };
}

async function removeMember(collection: string, device: string): Promise<void> {
  await office.api.ask(
    "mutation ($input: RemoveCollectionMembersInput!) { removeCollectionMembers(input: $input) { collection { id } } }",
    { input: { collection, devices: [device] } },
  );
}

async function holdersBecome(holders: readonly string[]): Promise<void> {
  await eventually(
    async () => (JSON.stringify(office.holders()) === JSON.stringify([...holders].sort()) ? true : null),
    () => office.holders(),
  );
}

function returns(): number {
  return postsTo(office.apple).filter((path) => path === "/assets/disassociate").length;
}

describe("a licence that a foreign hand gave at Apple", () => {
  it("is leaked and held by nobody known; a dry run says that it would return, and the real one returns it", async () => {
    await openInstalled(2);
    const ours = office.holders();
    await office.control("/assign", { adamId: office.app.adamId, serialNumber: "FOREIGN00001" });
    await syncToken(office.api, office.token);

    const [leak, ...others] = await leaks(office.api);
    expect(others).toEqual([]);
    expect(leak).toMatchObject({
      reason: "FOUND_AT_APPLE",
      license: { holderKey: "FOREIGN00001" },
      reclaim: { outcome: "RETURNED" },
    });
    expect(await candidates(office.api)).toEqual([expect.objectContaining({ reasons: ["HOLDER_UNKNOWN"] })]);
    expect(await leaks(office.api, { reason: ["ABANDONED"] })).toEqual([]);
    const id = leak?.license.id ?? "";

    const [would] = await reclaim(office.api, [id], { dryRun: true });
    expect(would).toMatchObject({ outcome: "RETURNED", license: { state: "HELD" } });
    expect(returns()).toBe(0);

    const [did] = await reclaim(office.api, [id]);
    expect(did).toMatchObject({ outcome: "RETURNED", license: { state: "RETURNING" } });
    await holdersBecome(ours);
    await eventually(async () => ((await endings(office.api)).length > 0 ? true : null));
    expect(await leaks(office.api)).toEqual([]);
    expect(await endings(office.api)).toEqual([{ cause: "MANUAL", actor: "admin", holder: "FOREIGN00001" }]);
    expect(await reclaim(office.api, [id])).toEqual([expect.objectContaining({ outcome: "ENDED" })]);
  });
});

describe("a licence that its member took along", () => {
  it("is leaked once nobody else wants it, and taken back; who stayed keeps theirs", async () => {
    const { deployment, collection, ids } = await openWithDesk();
    await removeMember(collection, ids[0] as string);
    const [leak] = await eventually(async () => {
      const found = await leaks(office.api);
      return found.length > 0 ? found : null;
    });
    expect(leak).toMatchObject({ reason: "MEMBER_LEFT", reclaim: { outcome: "RETURNED" } });
    expect(await candidates(office.api, { storeApp: office.app.id, reason: ["MEMBER_LEFT"] })).toEqual([
      expect.objectContaining({ reasons: ["MEMBER_LEFT"], license: leak?.license }),
    ]);

    await reclaim(office.api, [leak?.license.id ?? ""]);
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 2, REMOVED: 1 });
    expect(seen.find(({ state }) => state === "REMOVED")).toMatchObject({ reason: "RECLAIMED", license: null });
    await holdersBecome(seen.flatMap(({ license }) => license?.holderKey ?? []));
    expect(await office.orders()).toEqual(expect.not.arrayContaining([expect.objectContaining({ action: "remove" })]));
  });
});

/** Asks Apple once more at once, as soon as nobody is just doing so. */
async function retryReturn(): Promise<void> {
  const { appleOperations } = await office.api.ask<{ appleOperations: { nodes: { id: string }[] } }>(
    "{ appleOperations(first: 10, filter: { open: true, intent: [DISASSOCIATE] }) { nodes { id } } }",
  );
  const mutation =
    "mutation ($input: RetryAppleOperationInput!) { retryAppleOperation(input: $input) { requestedAnewCount } }";
  const input = { appleOperation: appleOperations.nodes[0]?.id ?? "" };
  await eventually(() => office.api.ask(mutation, { input }).catch(() => null));
}

describe("a licence that Apple does not take back", () => {
  it("is leaked once the usual attempts have failed, though its uninstall waits for that, until a retry comes through", async () => {
    office = await startOffice({ licenses: 10, mock: { userless: 1 }, environment: { TIME_SCALE: "10000" } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const [installed] = await statesBecome(office.api, deployment, { INSTALLED: 1 });
    await office.control("/fail-next", { path: "/assets/disassociate", errorNumber: 9603, count: 6 });
    await changeAction(office.api, deployment, "UNINSTALL");
    const [leak] = await eventually(async () => {
      const found = await leaks(office.api, { reason: ["RETURN_FAILED"] });
      return found.length > 0 ? found : null;
    });
    expect(leak).toMatchObject({
      license: { holderKey: installed?.license?.holderKey },
      reclaim: { outcome: "RETURNING" },
    });
    expect(await installations(office.api, deployment)).toMatchObject([{ state: "RETURNING" }]);

    await retryReturn();
    await statesBecome(office.api, deployment, { REMOVED: 1 });
    await holdersBecome([]);
    expect(await leaks(office.api)).toEqual([]);
  });
});

describe("a licence whose deployment was deleted", () => {
  it("is leaked and a candidate for just that, and taken back", async () => {
    const deployment = await openInstalled(2);
    await office.api.ask(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }",
      { input: { deployment } },
    );
    const left = await leaks(office.api);
    expect(left.map(({ reason }) => reason)).toEqual(["DEPLOYMENT_DELETED", "DEPLOYMENT_DELETED"]);
    const found = await candidates(office.api, { reason: ["DEPLOYMENT_DELETED"] });
    expect(found.map(({ license }) => license.id).sort()).toEqual(left.map(({ license }) => license.id).sort());
    await reclaim(
      office.api,
      left.map(({ license }) => license.id),
    );
    await holdersBecome([]);
  });
});

describe("a licence that is still wanted", () => {
  it("is refused with the installation that wants it, and nothing is written or sent", async () => {
    const deployment = await openInstalled(1);
    const [installed] = await installations(office.api, deployment);
    const [refused] = await reclaim(office.api, [installed?.license?.id ?? ""]);
    expect(refused).toMatchObject({
      outcome: "STILL_WANTED",
      installations: [{ id: installed?.id, state: "INSTALLED" }],
      license: { state: "HELD" },
    });
    expect(returns()).toBe(0);
    expect(await leaks(office.api)).toEqual([]);
  });

  it("is taken all the same if the admin says so: the app fails, claims nothing more, and is licensed again by a retry", async () => {
    const deployment = await openInstalled(2);
    const [first] = await installations(office.api, deployment);
    await reclaim(office.api, [first?.license?.id ?? ""], { evenIfWanted: true });
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 1, FAILED: 1 });
    expect(seen.find(({ state }) => state === "FAILED")).toMatchObject({ reason: "RECLAIMED", license: null });
    await holdersBecome(seen.flatMap(({ license }) => license?.holderKey ?? []));

    await office.api.ask(
      "mutation ($input: RetryInstallationInput!) { retryInstallation(input: $input) { installation { state } } }",
      {
        input: { installation: first?.id },
      },
    );
    await statesBecome(office.api, deployment, { INSTALLED: 2 });
    expect(office.holders()).toHaveLength(2);
  });
});

describe("a licence that an admin protects", () => {
  it("is never reclaimed, and stays with its device when the app is uninstalled", async () => {
    const deployment = await openInstalled(2);
    const [first] = await installations(office.api, deployment);
    const id = first?.license?.id ?? "";
    await setNeverReclaim(office.api, [id], true);
    const refused = await reclaim(office.api, [id], { evenIfWanted: true });
    expect(refused).toEqual([expect.objectContaining({ outcome: "NEVER_RECLAIM" })]);

    await changeAction(office.api, deployment, "UNINSTALL");
    const gone = await statesBecome(office.api, deployment, { REMOVED: 2 });
    expect(gone.find(({ id }) => id === first?.id)).toMatchObject({ reason: "LICENSE_KEPT", license: null });
    await holdersBecome([first?.license?.holderKey ?? ""]);
    expect(await leaks(office.api)).toEqual([
      expect.objectContaining({ reason: "DEPLOYMENT_ENDED", reclaim: { outcome: "NEVER_RECLAIM" } }),
    ]);

    await setNeverReclaim(office.api, [id], false);
    await reclaim(office.api, [id]);
    await holdersBecome([]);
  });
});

describe("what cannot be done", () => {
  it("is refused for more than 1,000 licences, none, and one named twice", async () => {
    const deployment = await openInstalled(1);
    const id = (await installations(office.api, deployment))[0]?.license?.id ?? "";
    const mutation = "mutation ($input: ReclaimLicensesInput!) { reclaimLicenses(input: $input) { returnedCount } }";
    const code = async (licenses: string[]) =>
      (await office.api.refused(mutation, { input: { licenses } })).extensions.code;
    expect(await code(Array.from({ length: 1_001 }, () => id))).toBe("LIMIT_EXCEEDED");
    expect(await code([])).toBe("INVALID_INPUT");
    expect(await code([id, id])).toBe("INVALID_INPUT");
    expect(await code([office.app.id])).toBe("NOT_FOUND");
    expect(returns()).toBe(0);
  });

  it("is said of a licence whose token is suspended", async () => {
    const deployment = await openInstalled(1);
    const id = (await installations(office.api, deployment))[0]?.license?.id ?? "";
    await office.api.ask("mutation ($token: ID!) { suspendToken(input: { token: $token }) { token { id } } }", {
      token: office.token,
    });
    const suspended = await reclaim(office.api, [id], { evenIfWanted: true });
    expect(suspended).toEqual([expect.objectContaining({ outcome: "TOKEN_NOT_WRITABLE" })]);
    expect(returns()).toBe(0);
  });
});
