import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { healthBecomes, healthOf, readAll } from "./health.js";
import { type Office, startOffice } from "./office.js";
import { devices, statesBecome } from "./story.js";

const VENDOR = { id: "other-mdm", name: "Other MDM", metadata: "mdm.example.com" };

interface Plan {
  claim: { id: string; name: string; metadata: string };
  copy: boolean;
  apps: { storeApp: { adamId: string }; licenses: number; known: number }[];
  registrations: number;
  unknownRegistrations: number;
  unknownDevices: number;
  adoptableRegistrations: number;
  adoptableLicenses: number;
  waitingDeployments: number;
  pausedOperations: number;
}

let office: Office;

beforeEach(async () => {
  office = await startOffice({
    licenses: 10,
    mock: { users: 2, devices: 0, userless: 3 },
    apple: { assigned: 0, users: 0 },
  });
});

afterEach(() => office.stop());

const claimAtApple = () => office.apple.world.locations[0]?.mdmInfo;

/** The service goes about its own work meanwhile, so the jobs that wait are left out. */
async function stored(): Promise<Record<string, number>> {
  const { jobs: _, ...counts } = await countRows(office.database.dataSource);
  return counts;
}

/** A vendor's MDM has given licences to one of our devices and to a stranger's, and registered one of our people. */
async function vendorMovesIn(): Promise<void> {
  const [device] = await devices(office.api);
  const { users } = await office.api.ask<{ users: { nodes: { email: string }[] } }>(
    "query { users { nodes { email } } }",
  );
  for (const serialNumber of [device?.serial, "STRANGER0001"]) {
    await office.control("/assign", { adamId: office.app.adamId, serialNumber });
  }
  await office.control("/create-user", { clientUserId: "vendor-1", email: users.nodes[0]?.email.toUpperCase() });
  await office.control("/create-user", { clientUserId: "vendor-2", email: "nobody@elsewhere.example" });
  await office.control("/take-over", VENDOR);
  expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
  await healthBecomes(office.api, office.token, "CLAIMED_ELSEWHERE");
}

async function takeOver(dryRun: boolean): Promise<{ plan: Plan; syncRun: { mode: string } | null }> {
  const { takeOverToken } = await office.api.ask<{ takeOverToken: { plan: Plan; syncRun: { mode: string } | null } }>(
    `mutation ($token: ID!, $dryRun: Boolean!) { takeOverToken(input: { token: $token, dryRun: $dryRun }) {
       syncRun { mode }
       plan { claim { id name metadata } copy apps { storeApp { adamId } licenses known } registrations unknownRegistrations
              unknownDevices adoptableRegistrations adoptableLicenses waitingDeployments pausedOperations } } }`,
    { token: office.token, dryRun },
  );
  return takeOverToken;
}

describe("a token that another MDM has claimed", () => {
  it("is not touched by a dry run, which tells what a takeover would adopt and disturb", async () => {
    await vendorMovesIn();
    const posts = postsTo(office.apple).length;
    const before = await stored();
    const { plan, syncRun } = await takeOver(true);
    expect(plan).toEqual({
      claim: VENDOR,
      copy: false,
      apps: [{ storeApp: { adamId: office.app.adamId }, licenses: 2, known: 1 }],
      registrations: 2,
      unknownRegistrations: 2,
      unknownDevices: 1,
      adoptableRegistrations: 1,
      adoptableLicenses: 0,
      waitingDeployments: 0,
      pausedOperations: 0,
    });
    expect(syncRun).toBeNull();
    expect(postsTo(office.apple)).toHaveLength(posts);
    expect(await stored()).toEqual(before);
    expect(claimAtApple()).toEqual(VENDOR);
    expect(await healthOf(office.api, office.token)).toMatchObject({ state: "CLAIMED_ELSEWHERE" });
  });

  it("is claimed by a takeover, its holders are adopted, and everything is read", async () => {
    await vendorMovesIn();
    const { syncRun } = await takeOver(false);
    expect(syncRun).toEqual({ mode: "FULL" });
    await healthBecomes(office.api, office.token, "ACTIVE");
    expect(claimAtApple()?.name).toBe("Allotment");
    const { users } = await office.api.ask<{ users: { nodes: { appleUsers: { clientUserId: string }[] }[] } }>(
      "query { users { nodes { appleUsers { clientUserId } } } }",
    );
    expect(users.nodes.flatMap(({ appleUsers }) => appleUsers)).toEqual([{ clientUserId: "vendor-1" }]);

    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    expect(office.holders()).toHaveLength(4);
  });

  it("keeps its installations, and the vendor's licences stay with their holders", async () => {
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    await vendorMovesInBeside();
    const { plan } = await takeOver(true);
    expect(plan.apps).toEqual([{ storeApp: { adamId: office.app.adamId }, licenses: 1, known: 0 }]);
    await takeOver(false);
    await healthBecomes(office.api, office.token, "ACTIVE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    expect(office.holders()).toHaveLength(4);
  });

  it("is left to a vendor that comes back, without a quarrel", async () => {
    await vendorMovesIn();
    await takeOver(false);
    await healthBecomes(office.api, office.token, "ACTIVE");
    expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    await office.control("/take-over", VENDOR);
    expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    await healthBecomes(office.api, office.token, "CLAIMED_ELSEWHERE");
    const posts = postsTo(office.apple).length;
    for (let run = 1; run <= 2; run += 1) expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    expect(postsTo(office.apple)).toHaveLength(posts);
    expect(claimAtApple()).toEqual(VENDOR);
  });

  it("is taken over by a repeat with the same key once", async () => {
    await vendorMovesIn();
    const again = () =>
      office.api.ask<{ takeOverToken: { syncRun: { id: string }; plan: { claim: { id: string } } } }>(
        `mutation ($token: ID!) { takeOverToken(input: { token: $token, idempotencyKey: "once" }) {
           syncRun { id } plan { claim { id } } } }`,
        { token: office.token },
      );
    const first = await again();
    await healthBecomes(office.api, office.token, "ACTIVE");
    expect(await again()).toEqual(first);
  });
});

/** A vendor that takes the claim and gives a licence to a stranger's device. */
async function vendorMovesInBeside(): Promise<void> {
  await office.control("/assign", { adamId: office.app.adamId, serialNumber: "STRANGER0001" });
  await office.control("/take-over", VENDOR);
  expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
  await healthBecomes(office.api, office.token, "CLAIMED_ELSEWHERE");
}

describe("a takeover is refused", () => {
  const refused = async () => {
    const posts = postsTo(office.apple).length;
    const before = await stored();
    const error = await office.api.refused(
      "mutation ($token: ID!) { takeOverToken(input: { token: $token }) { token { id } } }",
      { token: office.token },
    );
    expect(postsTo(office.apple)).toHaveLength(posts);
    expect(await stored()).toEqual(before);
    return error.extensions.code;
  };

  it("where nobody else holds the location", async () => {
    expect(await refused()).toBe("CONFLICT");
  });

  it("of a token that is not there", async () => {
    const error = await office.api.refused(`mutation { takeOverToken(input: { token: "nonsense" }) { token { id } } }`);
    expect(error.extensions.code).toBe("NOT_FOUND");
  });

  it("of a suspended token", async () => {
    await vendorMovesIn();
    await office.api.ask("mutation ($token: ID!) { suspendToken(input: { token: $token }) { token { id } } }", {
      token: office.token,
    });
    expect(await refused()).toBe("TOKEN_SUSPENDED");
  });

  it.each([
    ["/revoke-token", "TOKEN_REVOKED"],
    ["/expire-token", "TOKEN_EXPIRED"],
  ])("after %s, by what Apple says or by what is known", async (call, code) => {
    await vendorMovesIn();
    await office.control(call);
    expect(await refused()).toBe(code);
    await readAll(office.api, office.token);
    await eventually(async () => ((await healthOf(office.api, office.token)).state === code.slice(6) ? true : null));
    expect(await refused()).toBe(code);
  });
});
