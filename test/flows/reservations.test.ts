import { afterEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { foreignSerial, type Queue, startQueue } from "./queue.js";
import { syncToken } from "./story.js";

let queue: Queue;

afterEach(() => queue.stop());

const HOUR_MS = 3_600_000;

async function reserve(collection: string, count: number, forMs = HOUR_MS): Promise<string> {
  const until = new Date(Date.now() + forMs).toISOString();
  const { reserveLicenses } = await queue.api.ask<{ reserveLicenses: { reservation: { id: string } } }>(
    "mutation ($input: ReserveLicensesInput!) { reserveLicenses(input: $input) { reservation { id } } }",
    { input: { storeApp: queue.app.id, collection, count, until } },
  );
  return reserveLicenses.reservation.id;
}

interface ReservationSeen {
  readonly count: number;
  readonly usedCount: number;
  readonly unfilledCount: number;
  readonly endedAt: string | null;
  readonly releasedBy: string | null;
}

async function seen(id: string): Promise<ReservationSeen> {
  const query = "query ($id: ID!) { reservation(id: $id) { count usedCount unfilledCount endedAt releasedBy } }";
  return (await queue.api.ask<{ reservation: ReservationSeen }>(query, { id })).reservation;
}

async function stock(): Promise<unknown> {
  const query = "query ($id: ID!) { storeApp(id: $id) { freeCount reservedCount waiting } }";
  return (await queue.api.ask<{ storeApp: unknown }>(query, { id: queue.app.id })).storeApp;
}

/** Three licences, of which two are reserved for the staff; three pupils who want one each, and get the third. */
async function reservedForStaff() {
  queue = await startQueue({ licenses: 3, devices: 6 });
  const staff = await queue.group("staff", 3);
  const reservation = await reserve(staff, 2);
  const pupils = await queue.wish(await queue.group("pupils", 3));
  await queue.served({ [pupils]: 1 });
  return { staff, reservation, pupils };
}

describe("licences that are reserved for a collection", () => {
  it("are had by nobody else, wait for its deployments, and are counted", async () => {
    const { staff, reservation, pupils } = await reservedForStaff();
    expect(await stock()).toEqual({ freeCount: 2, reservedCount: 2, waiting: 2 });
    await queue.positionsBecome(pupils, [1, 2]);

    const teachers = await queue.wish(staff);
    await queue.served({ [teachers]: 2, [pupils]: 1 });
    expect(await seen(reservation)).toEqual({
      count: 2,
      usedCount: 2,
      unfilledCount: 0,
      endedAt: null,
      releasedBy: null,
    });
    expect(await stock()).toEqual({ freeCount: 0, reservedCount: 0, waiting: 3 });
    expect(await queue.places(teachers)).toMatchObject([{ position: 3, lane: "COMMON", reservation: null }]);
  });

  it("come first to it, though others have waited longer, when licences come back", async () => {
    queue = await startQueue({ licenses: 2, devices: 4, foreign: 2 });
    const pupils = await queue.wish(await queue.group("pupils", 2));
    await queue.positionsBecome(pupils, [1, 2]);
    const staff = await queue.group("staff", 2);
    const reservation = await reserve(staff, 1);
    const teachers = await queue.wish(staff);
    await queue.positionsBecome(teachers, [1, 3]);
    expect(await queue.places(teachers)).toMatchObject([
      { lane: "RESERVED", reservation: { id: reservation } },
      { lane: "COMMON", reservation: null },
    ]);

    await queue.control("/unassign", { adamId: queue.app.adamId, serialNumber: foreignSerial(1) });
    await syncToken(queue.api, queue.token);
    await queue.served({ [teachers]: 1, [pupils]: 0 });
    await queue.control("/unassign", { adamId: queue.app.adamId, serialNumber: foreignSerial(2) });
    await syncToken(queue.api, queue.token);
    await queue.served({ [teachers]: 1, [pupils]: 1 });
  });

  it("go to who waits when they are released", async () => {
    const { reservation, pupils } = await reservedForStaff();
    await queue.api.ask(
      "mutation ($id: ID!) { releaseReservation(input: { reservation: $id }) { reservation { endedAt } } }",
      { id: reservation },
    );
    await queue.served({ [pupils]: 3 });
    expect(await seen(reservation)).toMatchObject({ unfilledCount: 0, releasedBy: "admin" });
  });

  it("go to who waits when the reservation has expired", async () => {
    const { staff, reservation, pupils } = await reservedForStaff();
    expect(await reserve(staff, 2, 5_000)).toBe(reservation);
    await queue.served({ [pupils]: 3 });
    const ended = await eventually(async () => {
      const now = await seen(reservation);
      return now.endedAt === null ? null : now;
    });
    expect(ended).toMatchObject({ unfilledCount: 0, releasedBy: null });
  });

  it("go to who waits, as many as it keeps no longer, when the reservation is made smaller", async () => {
    const { staff, reservation, pupils } = await reservedForStaff();
    expect(await reserve(staff, 1)).toBe(reservation);
    await queue.served({ [pupils]: 2 });
    expect(await stock()).toEqual({ freeCount: 1, reservedCount: 1, waiting: 1 });
  });

  it("go to who waits when the collection is deleted", async () => {
    const { staff, pupils } = await reservedForStaff();
    await queue.api.ask(
      "mutation ($id: ID!) { deleteCollection(input: { collection: $id }) { deletedCollectionId } }",
      {
        id: staff,
      },
    );
    await queue.served({ [pupils]: 3 });
  });
});
