import { afterEach, describe, expect, it } from "vitest";
import { leaks, reclaim } from "./leaks.js";
import { foreignSerial, type Queue, startQueue } from "./queue.js";
import { changeAction, statesBecome, syncToken } from "./story.js";

let queue: Queue;

afterEach(() => queue.stop());

async function setPriority(deployment: string, priority: number): Promise<void> {
  await queue.api.ask(
    `mutation ($input: UpdateDeploymentInput!) { updateDeployment(input: $input) { deployment { priority } } }`,
    { input: { deployment, priority } },
  );
}

/** Buys so many licences, and has the next synchronisation see it. */
async function buy(count: number): Promise<void> {
  await queue.buy(count);
  await syncToken(queue.api, queue.token);
}

async function waiting(): Promise<number> {
  const query = "query ($id: ID!) { storeApp(id: $id) { waiting } }";
  return (await queue.api.ask<{ storeApp: { waiting: number } }>(query, { id: queue.app.id })).storeApp.waiting;
}

describe("a place in the queue", () => {
  it("is had by priority, then by time, and leads to a licence in that order as licences are bought", async () => {
    queue = await startQueue({ licenses: 1, devices: 6, foreign: 1 });
    const early = await queue.wish(await queue.group("early", 2));
    await queue.positionsBecome(early, [1, 2]);
    const late = await queue.wish(await queue.group("late", 2));
    await queue.positionsBecome(late, [3, 4]);
    const urgent = await queue.wish(await queue.group("urgent", 2), 10);
    await queue.positionsBecome(urgent, [1, 2]);
    await queue.positionsBecome(early, [3, 4]);
    await queue.positionsBecome(late, [5, 6]);
    expect(await queue.places(late)).toMatchObject([
      { ahead: 4, lane: "COMMON", priority: 0, reservation: null },
      { ahead: 5, lane: "COMMON", priority: 0, reservation: null },
    ]);
    expect(await waiting()).toBe(6);

    await buy(3);
    await queue.served({ [urgent]: 2, [early]: 1, [late]: 0 });
    await queue.positionsBecome(early, [1]);
    await queue.positionsBecome(late, [2, 3]);
    expect(await waiting()).toBe(3);
  });

  it("is better with a higher priority and keeps its time, and who comes first then is served first", async () => {
    queue = await startQueue({ licenses: 1, devices: 4, foreign: 1 });
    const early = await queue.wish(await queue.group("early", 2));
    await queue.positionsBecome(early, [1, 2]);
    const late = await queue.wish(await queue.group("late", 2));
    await queue.positionsBecome(late, [3, 4]);
    await setPriority(late, 1000);
    await queue.positionsBecome(late, [1, 2]);
    await setPriority(late, 0);
    await queue.positionsBecome(late, [3, 4]);
    await setPriority(early, -1);
    await buy(1);
    await queue.served({ [early]: 0, [late]: 1 });
  });

  it("is lost by a turn to UNINSTALL and back: whoever has waited meanwhile comes first", async () => {
    queue = await startQueue({ licenses: 1, devices: 2, foreign: 1 });
    const hesitant = await queue.wish(await queue.group("hesitant", 1));
    await queue.positionsBecome(hesitant, [1]);
    const patient = await queue.wish(await queue.group("patient", 1));
    await queue.positionsBecome(patient, [2]);
    await changeAction(queue.api, hesitant, "UNINSTALL");
    await queue.positionsBecome(patient, [1]);
    await changeAction(queue.api, hesitant, "INSTALL");
    await queue.positionsBecome(hesitant, [2]);
    await buy(1);
    await queue.served({ [patient]: 1, [hesitant]: 0 });
  });
});

describe("the queue moves by itself", () => {
  it("when a licence comes back from another deployment", async () => {
    queue = await startQueue({ licenses: 1, devices: 2 });
    const first = await queue.wish(await queue.group("first", 1));
    await queue.served({ [first]: 1 });
    const second = await queue.wish(await queue.group("second", 1));
    await queue.positionsBecome(second, [1]);
    await changeAction(queue.api, first, "UNINSTALL");
    await statesBecome(queue.api, first, { REMOVED: 1 });
    await queue.served({ [second]: 1 });
  });

  it("when an admin reclaims a licence that nobody needs", async () => {
    queue = await startQueue({ licenses: 2, devices: 2, foreign: 2 });
    const deployment = await queue.wish(await queue.group("all", 2));
    await queue.positionsBecome(deployment, [1, 2]);
    await syncToken(queue.api, queue.token);
    const [leak] = await leaks(queue.api);
    await reclaim(queue.api, [leak?.license.id ?? ""]);
    await queue.served({ [deployment]: 1 });
    await queue.positionsBecome(deployment, [1]);
  });

  it("when somebody else gives a licence back at Apple", async () => {
    queue = await startQueue({ licenses: 2, devices: 2, foreign: 2 });
    const deployment = await queue.wish(await queue.group("all", 2));
    await queue.positionsBecome(deployment, [1, 2]);
    await queue.control("/unassign", { adamId: queue.app.adamId, serialNumber: foreignSerial(1) });
    await syncToken(queue.api, queue.token);
    await queue.served({ [deployment]: 1 });
    await queue.positionsBecome(deployment, [1]);
  });

  it("when a token that was paused is resumed, and not before", async () => {
    queue = await startQueue({ licenses: 1, devices: 1, foreign: 1 });
    const deployment = await queue.wish(await queue.group("all", 1));
    await queue.positionsBecome(deployment, [1]);
    const turn = (mutation: string) =>
      queue.api.ask(
        `mutation ($token: ID!) { ${mutation}Token(input: { token: $token }) { token { health { state } } } }`,
        {
          token: queue.token,
        },
      );
    await turn("suspend");
    await queue.buy(1);
    await queue.positionsBecome(deployment, [1]);
    await turn("resume");
    await queue.served({ [deployment]: 1 });
  });
});
