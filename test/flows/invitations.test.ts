import { afterEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { addJob } from "../../src/sync/jobs.js";
import { holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { statesBecome, syncToken } from "./story.js";
import { resident, startTown, type Town } from "./town.js";

/** Who has not accepted the invitation holds no licence, is shown with the link to operators, and is reminded of after 7 and 30 days. */

const APP = "6440000001";

/** The test service's. */
const TIME_SCALE = 100;

let town: Town;
afterEach(() => town.stop());

interface WaitingSeen {
  readonly invitationUrl: string | null;
  readonly remindedAt: string | null;
}

async function waiting(deployment: string): Promise<WaitingSeen[]> {
  const { installations } = await town.api.ask<{ installations: { nodes: WaitingSeen[] } }>(
    `query ($deployment: ID!) {
       installations(first: 10, filter: { deployment: $deployment, state: [WAITING_FOR_USER] }) {
         nodes { invitationUrl remindedAt } } }`,
    { deployment },
  );
  return installations.nodes;
}

/** The invitation has been lying for that many days, and the daily look at it is taken. */
async function daysGoBy(days: number): Promise<void> {
  const { dataSource } = town.database;
  await rows(
    dataSource,
    "UPDATE installation SET state_at = state_at - $1::interval, reminded_at = reminded_at - $1::interval",
    [`${(days * 86_400_000) / TIME_SCALE} milliseconds`],
  );
  await dataSource.transaction((tx) => addJob(tx, "remind-people", {}));
  await eventually(async () => {
    const jobs = await rows(dataSource, "SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'remind-people'");
    return jobs.length === 0 ? true : null;
  });
}

async function reminders(): Promise<{ message: string; raisedAt: string; subject: string }[]> {
  const { alerts } = await town.api.ask<{
    alerts: { nodes: { kind: string; message: string; raisedAt: string; subject: string }[] };
  }>("query { alerts(first: 10, filter: { open: true }) { nodes { kind message raisedAt subject } } }");
  return alerts.nodes.filter(({ kind }) => kind === "INVITATIONS_OPEN");
}

describe("people who do not accept Apple's invitation", () => {
  it("are reminded of once after 7 and once after 30 days, without their links, and no more when they have accepted", async () => {
    town = await startTown([resident("ann"), resident("bob", { managedAppleId: null })]);
    const deployment = await town.deployToAll(APP);
    await statesBecome(town.api, deployment, { INSTALLED: 1, WAITING_FOR_USER: 1 });
    const [bob] = await town.registrationsOf("bob");
    const link = await eventually(async () => (await waiting(deployment))[0]?.invitationUrl ?? null);
    expect(link).toBe((await town.registrationsOf("bob"))[0]?.invitationUrl);
    expect(holdersAtApple(town.apple, APP)).toHaveLength(1);

    await daysGoBy(6);
    expect(await reminders()).toEqual([]);
    await daysGoBy(2);
    const [first, ...none] = await reminders();
    expect(none).toEqual([]);
    expect(first?.subject).toBe(town.token);
    expect(first?.message).toContain("bob");
    expect(first?.message).not.toContain(link);
    expect((await waiting(deployment))[0]?.remindedAt).toEqual(expect.any(String));

    await daysGoBy(10);
    expect(await reminders()).toMatchObject([{ raisedAt: first?.raisedAt }]);
    await daysGoBy(15);
    const [second] = await reminders();
    expect(second?.raisedAt).not.toBe(first?.raisedAt);
    await daysGoBy(40);
    expect(await reminders()).toMatchObject([{ raisedAt: second?.raisedAt }]);

    await town.control("/accept-invitation", { clientUserId: bob?.clientUserId });
    await syncToken(town.api, town.token);
    await statesBecome(town.api, deployment, { INSTALLED: 2 });
    await daysGoBy(0);
    expect(await reminders()).toEqual([]);
  });
});
