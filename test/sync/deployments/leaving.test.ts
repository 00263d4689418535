import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Deployment, DeploymentAction, OnLeave } from "../../../src/entities/deployment.js";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { changeDeploymentAction } from "../../../src/sync/deployments/change-deployment-action.js";
import { deleteDeployment } from "../../../src/sync/deployments/delete-deployment.js";
import { leaveLostDevices } from "../../../src/sync/deployments/leave-lost-devices.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { ago, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let devices = 0;
beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

const DAY_MS = 24 * 60 * 60_000;
const { KEEP, UNINSTALL, RECLAIM } = OnLeave;
const { PRESENT, ABSENT } = InstallationWant;

interface Place {
  readonly deployment: Deployment;
  readonly deviceId: string;
  readonly licenseId: string | null;
  readonly id: string;
}

/** A member of a deployment whose installation is in that state, with a licence where such a state has one. */
async function member(
  state: S,
  onLeave: OnLeave,
  fields: { attempt?: number; want?: InstallationWant } = {},
): Promise<Place> {
  const deployment = await world.deployment();
  await world.read("UPDATE deployment SET on_leave = $1 WHERE id = $2", [onLeave, deployment.id]);
  const serial = `SERIAL${devices++}`;
  const deviceId = await world.device(serial);
  const licensed = ![S.REQUESTED, S.WAITING_FOR_LICENSE, S.NOT_APPLICABLE, S.SUPERSEDED].includes(state);
  const licenseId = licensed && fields.attempt !== 1 ? await world.license(deviceId, serial) : null;
  const begun = fields.attempt ?? (licensed ? 2 : 1);
  const id = await world.installation({
    deploymentId: deployment.id,
    deviceId,
    state,
    licenseId,
    ...fields,
    attempt: begun,
  });
  return { deployment, deviceId, licenseId, id };
}

async function refresh({ deployment }: Place): Promise<void> {
  await refreshMembers(world.core, { collectionId: deployment.collectionId ?? "" });
}

async function leave(place: Place): Promise<void> {
  await world.read("DELETE FROM collection_member WHERE collection_id = $1", [place.deployment.collectionId]);
  await refresh(place);
}

async function comeBack(place: Place): Promise<void> {
  await world.read("INSERT INTO collection_member (collection_id, device_id) VALUES ($1, $2)", [
    place.deployment.collectionId,
    place.deviceId,
  ]);
  await refresh(place);
}

async function lose(place: Place, state = "WIPED"): Promise<void> {
  await world.read("UPDATE device SET state = $2, lost_at = now() WHERE id = $1", [place.deviceId, state]);
  await leaveLostDevices(world.core);
}

async function licenseState({ licenseId }: Place): Promise<string | undefined> {
  const [license] = await world.read<{ state: string }>("SELECT state FROM license WHERE id = $1", [licenseId]);
  return license?.state;
}

describe("who leaves", () => {
  test.each([
    [S.REQUESTED, KEEP, S.CANCELLED, ABSENT],
    [S.WAITING_FOR_LICENSE, UNINSTALL, S.CANCELLED, ABSENT],
    [S.NOT_APPLICABLE, RECLAIM, S.CANCELLED, ABSENT],
    [S.CLAIMING, KEEP, S.CLAIMING, ABSENT],
    [S.LICENSED, KEEP, S.REMOVING, ABSENT],
    [S.INSTALLING, KEEP, S.INSTALLING, PRESENT],
    [S.INSTALLED, KEEP, S.INSTALLED, PRESENT],
    [S.FAILED, KEEP, S.FAILED, PRESENT],
    [S.INSTALLING, UNINSTALL, S.REMOVING, ABSENT],
    [S.INSTALLED, UNINSTALL, S.REMOVING, ABSENT],
    [S.FAILED, UNINSTALL, S.REMOVING, ABSENT],
    [S.LICENSED, RECLAIM, S.RETURNING, ABSENT],
    [S.INSTALLED, RECLAIM, S.RETURNING, ABSENT],
  ])("from %s under %s goes on as %s, wanted %s", async (state, onLeave, next, want) => {
    const place = await member(state, onLeave);
    await leave(place);
    expect(await world.seen(place.id)).toMatchObject({ state: next, want, leftAt: expect.any(Date) });
    const holds = [S.INSTALLING, S.INSTALLED, S.FAILED, S.REMOVING, S.CLAIMING].includes(next);
    if (place.licenseId) expect(await licenseState(place)).toBe(holds ? "HELD" : "RETURNING");
  });

  test.each([
    [29, "installed"],
    [31, null],
  ])("has what was seen there %i days before they come back taken for %s", async (days, seen) => {
    const place = await member(S.INSTALLED, RECLAIM);
    await leave(place);
    await world.read(
      `UPDATE installation SET state = 'REMOVED', license_id = NULL, observed_state = 'installed', observed_at = $2, state_at = $2
       WHERE id = $1`,
      [place.id, ago(world.core, world.core.clock.scaled(days * DAY_MS))],
    );
    await comeBack(place);
    const { state, observedState, observedAt } = await world.seen(place.id);
    expect({ state, observedState, dated: observedAt !== null }).toEqual({
      state: S.REQUESTED,
      observedState: seen,
      dated: seen !== null,
    });
  });

  test("lets a removal under way go on, whose confirmation still counts", async () => {
    const place = await member(S.REMOVING, KEEP, { want: ABSENT });
    const before = await world.seen(place.id);
    await leave(place);
    expect(await world.seen(place.id)).toMatchObject({ state: S.REMOVING, generation: before.generation });
  });

  test("is looked at once: another look changes nothing", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await leave(place);
    const before = await world.seen(place.id);
    await refresh(place);
    expect(await world.seen(place.id)).toEqual(before);
  });

  test("forgets that a claim under way was for an app that may be there, unless that is to be removed", async () => {
    const kept = await member(S.CLAIMING, KEEP, { attempt: 3 });
    await leave(kept);
    expect(await world.seen(kept.id)).toMatchObject({ state: S.CLAIMING, attempt: 1 });
  });
});

describe("who comes back", () => {
  test.each([
    [S.INSTALLED, KEEP, S.INSTALLED],
    [S.INSTALLED, UNINSTALL, S.REMOVING],
    [S.INSTALLED, RECLAIM, S.RETURNING],
    [S.FAILED, KEEP, S.LICENSED],
    [S.WAITING_FOR_LICENSE, KEEP, S.REQUESTED],
  ])("from %s under %s goes on from %s with the licence there was, and is wanted", async (state, onLeave, next) => {
    const place = await member(state, onLeave);
    await leave(place);
    await comeBack(place);
    expect(await world.seen(place.id)).toMatchObject({
      state: next,
      want: PRESENT,
      leftAt: null,
      licenseId: place.licenseId,
    });
    expect(await world.read("SELECT 1 FROM license WHERE device_id = $1", [place.deviceId])).toHaveLength(
      place.licenseId ? 1 : 0,
    );
  });

  test("to a deployment that removes by now has the app removed", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await leave(place);
    await world.core.dataSource.transaction((tx) =>
      changeDeploymentAction(tx, world.core, place.deployment, DeploymentAction.UNINSTALL, "test"),
    );
    expect(await world.seen(place.id)).toMatchObject({ state: S.INSTALLED, leftAt: expect.any(Date) });
    await comeBack(place);
    expect(await world.seen(place.id)).toMatchObject({ state: S.REMOVING, want: ABSENT, leftAt: null });
  });
});

describe("a lost device", () => {
  test.each([
    [S.INSTALLED, KEEP, S.FAILED, "HELD"],
    [S.INSTALLED, UNINSTALL, S.RETURNING, "RETURNING"],
    [S.INSTALLED, RECLAIM, S.RETURNING, "RETURNING"],
    [S.REMOVING, KEEP, S.RETURNING, "RETURNING"],
    [S.REMOVAL_FAILED, KEEP, S.RETURNING, "RETURNING"],
    [S.LICENSED, KEEP, S.RETURNING, "RETURNING"],
  ])("ends %s under %s as %s, its licence %s", async (state, onLeave, next, license) => {
    const want = [S.REMOVING, S.REMOVAL_FAILED].includes(state) ? ABSENT : PRESENT;
    const place = await member(state, onLeave, { want });
    await lose(place);
    expect(await world.seen(place.id)).toMatchObject({
      state: next,
      reason: R.DEVICE_GONE,
      handle: null,
      deadlineAt: null,
      leftAt: expect.any(Date),
    });
    expect(await licenseState(place)).toBe(license);
    expect(await world.read("SELECT 1 FROM device WHERE lost_at IS NOT NULL")).toEqual([]);
  });

  test("counts as removed also where its member had left before", async () => {
    const place = await member(S.INSTALLED, UNINSTALL);
    await leave(place);
    await lose(place, "RETIRED");
    expect(await world.seen(place.id)).toMatchObject({ state: S.RETURNING });
    expect(await licenseState(place)).toBe("RETURNING");
  });

  test("that is enrolled again gets the app anew with the licence it still has", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await lose(place);
    await refresh(place);
    expect(await world.seen(place.id)).toMatchObject({ state: S.FAILED, leftAt: expect.any(Date) });
    await world.read("UPDATE device SET state = 'ENROLLED' WHERE id = $1", [place.deviceId]);
    const before = await world.seen(place.id);
    await refresh(place);
    expect(await world.seen(place.id)).toMatchObject({
      state: S.LICENSED,
      leftAt: null,
      licenseId: place.licenseId,
      generation: before.generation + 1,
    });
  });

  test.each([KEEP, UNINSTALL, RECLAIM])(
    "that is back before anybody looked has its app installed anew, and keeps its licence under %s",
    async (onLeave) => {
      const place = await member(S.INSTALLED, onLeave);
      await lose(place, "ENROLLED");
      expect(await world.jobs("refresh-members")).not.toEqual([]);
      await refresh(place);
      expect(await world.seen(place.id)).toMatchObject({ state: S.LICENSED, leftAt: null, licenseId: place.licenseId });
      expect(await licenseState(place)).toBe("HELD");
    },
  );

  test("has no app any more that was seen on it, also where its deployment is over", async () => {
    const place = await member(S.INSTALLED, KEEP);
    const over = { state: S.CANCELLED, deviceId: place.deviceId, leftAt: new Date() };
    const id = await world.installation({ ...over, deploymentId: (await world.deployment()).id });
    await world.read("UPDATE installation SET observed_state = 'installed', observed_at = now() WHERE device_id = $1", [
      place.deviceId,
    ]);
    await lose(place);
    for (const one of [place.id, id])
      expect(await world.seen(one)).toMatchObject({ observedState: null, observedAt: null });
  });

  test("that is only silent never leaves", async () => {
    const place = await member(S.INSTALLED, RECLAIM);
    await world.read("UPDATE device SET last_seen_at = now() - interval '3 years'");
    await leaveLostDevices(world.core);
    await refresh(place);
    expect(await world.seen(place.id)).toMatchObject({ state: S.INSTALLED, leftAt: null });
  });

  test("returns its licence when the deployment turns to UNINSTALL, since the app is gone", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await lose(place);
    await world.core.dataSource.transaction((tx) =>
      changeDeploymentAction(tx, world.core, place.deployment, DeploymentAction.UNINSTALL, "test"),
    );
    expect(await world.seen(place.id)).toMatchObject({ state: S.RETURNING, want: ABSENT });
    expect(await licenseState(place)).toBe("RETURNING");
  });
});

describe("a deleted deployment", () => {
  const remove = (place: Place, onLeave: OnLeave | null = null) =>
    world.core.dataSource.transaction((tx) =>
      deleteDeployment(tx, world.core, place.deployment, { onLeave, actor: "test" }),
    );

  test("takes along whom KEEP had left alone before", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await leave(place);
    expect(await remove(place, UNINSTALL)).toMatchObject({
      outcome: { removing: 1, licensesAfterRemoval: 1, kept: 0 },
      reclaimNotice: null,
    });
    expect(await world.seen(place.id)).toMatchObject({ state: S.REMOVING, want: ABSENT });
  });

  test("says what happens to how many, and that apps end when licences are taken back", async () => {
    const place = await member(S.INSTALLED, KEEP);
    const { outcome, reclaimNotice } = await remove(place, RECLAIM);
    expect(outcome).toEqual({
      cancelled: 0,
      kept: 0,
      removing: 0,
      returning: 1,
      licensesKept: 0,
      licensesAfterRemoval: 0,
      licensesReturning: 1,
      licensesIrrevocable: 0,
    });
    expect(reclaimNotice?.message).toContain("30 days");
  });

  test("is not deleted for taking back what Apple does not take back", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await world.read("UPDATE store_app SET revocable = false");
    onTestFinished(async () => void (await world.read("UPDATE store_app SET revocable = true")));
    await expect(remove(place, RECLAIM)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(
      await world.read("SELECT 1 FROM deployment WHERE id = $1 AND deleted_at IS NOT NULL", [place.deployment.id]),
    ).toEqual([]);
    expect(await remove(place, UNINSTALL)).toMatchObject({
      outcome: { licensesIrrevocable: 1, licensesAfterRemoval: 0 },
    });
  });

  test("has nothing more to do when it is deleted again, and cannot be changed", async () => {
    const place = await member(S.INSTALLED, UNINSTALL);
    await remove(place);
    const before = await world.seen(place.id);
    expect(await remove(place)).toMatchObject({ outcome: { removing: 0, kept: 0, returning: 0 } });
    expect(await world.seen(place.id)).toEqual(before);
    await expect(
      world.core.dataSource.transaction((tx) =>
        changeDeploymentAction(tx, world.core, place.deployment, DeploymentAction.UNINSTALL, "test"),
      ),
    ).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("does not look at its members any more", async () => {
    const place = await member(S.INSTALLED, KEEP);
    await remove(place);
    await refresh(place);
    expect(await world.seen(place.id)).toMatchObject({ state: S.INSTALLED, leftAt: expect.any(Date) });
  });
});

test("leave all at once, however many, each with its licence", async () => {
  const count = 1_000;
  const deployment = await world.deployment();
  await world.read("UPDATE deployment SET on_leave = 'RECLAIM' WHERE id = $1", [deployment.id]);
  await world.read(
    `WITH made AS (
       INSERT INTO device (id, serial, added_at) SELECT gen_random_uuid(), 'S-' || n, now() FROM generate_series(1, $1::int) n
       RETURNING id, serial
     ), alias AS (
       INSERT INTO holder_alias (target_id, external_id, device_id) SELECT $2, serial, id FROM made
     ), held AS (
       INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, state, started_at, start_cause,
                            start_actor, assigned_at, proven_at)
       SELECT $3, $4, 'DEVICE', serial, id, 'HELD', now(), 'DEPLOYMENT', 'test', now(), now() FROM made
       RETURNING id, device_id
     )
     INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, license_id, want, state, attempt,
                               state_at, queued_at, created_at)
     SELECT $3, $5, $4, $2, device_id, id, 'PRESENT', 'INSTALLED', 2, now(), now(), now() FROM held`,
    [count, world.targetId, world.tokenId, world.storeAppId, deployment.id],
  );
  await refreshMembers(world.core, { collectionId: deployment.collectionId ?? "" });
  expect(await world.read("SELECT 1 FROM license WHERE state = 'RETURNING' AND holder_key LIKE 'S-%'")).toHaveLength(
    count,
  );
});
