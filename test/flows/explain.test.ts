import { afterEach, describe, expect, it } from "vitest";
import { causesBecome, explain } from "./explain.js";
import { type Office, startOffice } from "./office.js";
import { foreignSerial, type Queue, startQueue } from "./queue.js";
import { changeAction, devices, installations, statesBecome, syncToken } from "./story.js";

let office: Office;

afterEach(() => office.stop());

/** The first of these devices, as an admin asks for it. */
async function iPad(): Promise<{ storeApp: string; serialNumber: string }> {
  const [first] = await devices(office.api);
  return { storeApp: office.app.id, serialNumber: ` ${first?.serial.toLowerCase()} ` };
}

function turnToken(mutation: "suspend" | "resume"): Promise<unknown> {
  return office.api.ask(`mutation ($token: ID!) { ${mutation}Token(input: { token: $token }) { token { id } } }`, {
    token: office.token,
  });
}

describe("why has this iPad no app?", () => {
  it("nobody knows it, nobody deploys the app, or not to this one", async () => {
    office = await startQueue({ licenses: 1, devices: 2 });
    const queue = office as Queue;
    const about = await iPad();
    await causesBecome(office.api, { ...about, serialNumber: "NEVER-SEEN" }, "UNKNOWN_DEVICE");
    await causesBecome(office.api, about, "NOT_DEPLOYED");

    const mine = await queue.group("Mine", 1);
    await queue.wish(await queue.group("Others", 1));
    const [link] = await causesBecome(office.api, about, "NOT_A_MEMBER");
    expect(link).toMatchObject({ whoHasToAct: "ADMIN", evidence: expect.stringContaining('"Others"') });
    await queue.wish(mine);
    await eventuallyWaiting(about);
  });

  it("it waits for stock behind others, with its place, until licences are bought; then since when it has the app", async () => {
    const queue = await startQueue({ licenses: 1, devices: 2, foreign: 1 });
    office = queue;
    const about = await iPad();
    const mine = await queue.group("Mine", 1);
    const others = await queue.group("Others", 1);
    const deployment = await queue.wish(mine);
    await queue.positionsBecome(deployment, [1]);
    const first = await queue.wish(others, 5);
    await queue.positionsBecome(deployment, [2]);
    const [, stock] = await causesBecome(office.api, about, "WANTED", "OUT_OF_STOCK");
    expect(stock).toMatchObject({
      whoHasToAct: "ADMIN",
      evidence: expect.stringContaining("number 2 in the lane of all, with 1 ahead"),
      nextAction: expect.stringContaining("Buy more licences"),
    });

    await turnToken("suspend");
    const [, frozen] = await causesBecome(office.api, about, "WANTED", "TOKEN_FROZEN", "OUT_OF_STOCK");
    expect(frozen).toMatchObject({ whoHasToAct: "ADMIN", nextAction: expect.stringContaining("resumeToken") });
    await turnToken("resume");

    await office.control("/unassign", { adamId: office.app.adamId, serialNumber: foreignSerial(1) });
    await syncToken(office.api, office.token);
    await queue.served({ [first]: 1, [deployment]: 0 });
    await causesBecome(office.api, about, "WANTED", "OUT_OF_STOCK");
    await office.buy(1);
    await syncToken(office.api, office.token);
    const chain = await causesBecome(office.api, about, "WANTED", "LICENSED", "INSTALLED");
    expect(chain.map(({ whoHasToAct, since }) => [whoHasToAct, since !== null])).toEqual(
      chain.map(() => ["NOBODY", true]),
    );

    await changeAction(office.api, deployment, "UNINSTALL");
    await causesBecome(office.api, about, "UNINSTALL_WANTED", "REMOVED");
  });

  it("others were served first though their turn comes later, since licences were reserved for them", async () => {
    const queue = await startQueue({ licenses: 1, devices: 2 });
    office = queue;
    const about = await iPad();
    const mine = await queue.group("Mine", 1);
    const staff = await queue.group("Staff", 1);
    await office.api.ask(
      "mutation ($input: ReserveLicensesInput!) { reserveLicenses(input: $input) { reservation { id } } }",
      {
        input: { storeApp: office.app.id, collection: staff, count: 1, until: "2090-01-01T00:00:00Z" },
      },
    );
    const deployment = await queue.wish(mine);
    await queue.positionsBecome(deployment, [1]);
    await queue.served({ [await queue.wish(staff)]: 1, [deployment]: 0 });
    const chain = await causesBecome(office.api, about, "WANTED", "OUT_OF_STOCK", "SERVED_FIRST");
    expect(chain.at(-1)).toMatchObject({
      whoHasToAct: "ADMIN",
      evidence: expect.stringMatching(/1 licence went to "Staff" .* reserved for that collection/),
    });
  });

  it("Apple refuses what is asked of it, so often and next tried then", async () => {
    office = await startOffice({ licenses: 1, mock: { userless: 1 } });
    await office.control("/fail-next", { path: "/assets/associate", errorNumber: 9603, count: 4 });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const about = await iPad();
    const [, , failing] = await causesBecome(office.api, about, "WANTED", "LICENSING", "OPERATION_FAILING");
    expect(failing?.evidence).toMatch(/ASSOCIATE fails, after \d attempts?; next looked at 20.*9603/);
    const [installation] = await installations(office.api, deployment);
    const [same] = await explain(office.api, { installation: installation?.id ?? "" });
    expect(same?.installation?.id).toBe(installation?.id);
  });

  it("the device refuses it, in the words and with the remedy of the target", async () => {
    office = await startOffice({
      licenses: 1,
      mock: { userless: 1, script: [{ devices: ["device-1"], outcome: "failed" }] },
    });
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { FAILED: 1 });
    const [, , refused] = await causesBecome(office.api, await iPad(), "WANTED", "LICENSED", "REFUSED_BY_TARGET");
    expect(refused).toMatchObject({
      whoHasToAct: "ADMIN",
      evidence: expect.stringContaining("INSTALL_FAILED"),
      nextAction: expect.stringContaining("`script` setting"),
    });
  });
});

describe("why has this person no app?", () => {
  it("the invitation is open: the person has to accept it, and operators have the link at hand", async () => {
    office = await startOffice({ licenses: 1, mock: { users: 1, devices: 1, invitedEvery: 1 } });
    const deployment = await office.deployTo("All users", "USER");
    const [waiting] = await statesBecome(office.api, deployment, { WAITING_FOR_USER: 1 });
    const about = { storeApp: office.app.id, user: waiting?.device?.user?.id ?? "" };
    const [, invited] = await causesBecome(office.api, about, "WANTED", "INVITATION_OPEN");
    expect(invited).toMatchObject({ whoHasToAct: "PERSON", nextAction: expect.stringContaining("invitationUrl") });
    const { users } = await office.api.ask<{ users: { nodes: { appleUsers: { invitationUrl: string }[] }[] } }>(
      "{ users { nodes { appleUsers { invitationUrl } } } }",
    );
    expect(users.nodes[0]?.appleUsers[0]?.invitationUrl).toMatch(/^https?:.*inviteCode=/);
  });
});

describe("explainInstallation", () => {
  it("refuses a question that names too much or too little", async () => {
    office = await startOffice({ licenses: 1, mock: { userless: 1 } });
    const about = await iPad();
    const query =
      "query ($s: String, $u: ID, $a: ID) { explainInstallation(serialNumber: $s, user: $u, storeApp: $a) { chain { cause } } }";
    for (const asked of [
      {},
      { s: about.serialNumber },
      { a: about.storeApp },
      { s: "X", u: office.token, a: about.storeApp },
    ]) {
      expect((await office.api.refused(query, asked)).extensions.code).toBe("INVALID_INPUT");
    }
    const unknown = await office.api.refused(query, { s: "X", a: office.token });
    expect(unknown.extensions.code).toBe("NOT_FOUND");
  });
});

/** Who has come last gets nothing: the only licence is with the others. */
async function eventuallyWaiting(about: Record<string, string>): Promise<void> {
  await causesBecome(office.api, about, "WANTED", "OUT_OF_STOCK");
}
