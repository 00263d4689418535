import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Deployment, DeploymentAction } from "../../../src/entities/deployment.js";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { advanceInstallations } from "../../../src/sync/deployments/advance-installations.js";
import { afterRemoval } from "../../../src/sync/deployments/after-removal.js";
import { changeDeploymentAction } from "../../../src/sync/deployments/change-deployment-action.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { createPeopleWorld, type PeopleWorld } from "./people-world.js";

let world: PeopleWorld;
let places = 0;
beforeAll(async () => {
  world = await createPeopleWorld();
});
afterAll(() => world.stop());

const DAY_MS = 24 * 60 * 60_000;
const { PRESENT, ABSENT } = InstallationWant;
const WITHOUT_LICENSE = [S.REQUESTED, S.WAITING_FOR_LICENSE, S.WAITING_FOR_USER, S.NOT_APPLICABLE];

interface Place {
  readonly deployment: Deployment;
  readonly deviceId: string;
  readonly ann: string;
  readonly bob: string;
  readonly licenseId: string | null;
  readonly id: string;
}

/** Ann's device, whose installation is in that state, with a licence of hers where such a state has one. */
async function place(state: S, fields: { reason?: R; want?: InstallationWant; handle?: string } = {}): Promise<Place> {
  const number = places++;
  const [ann, bob] = [await world.person(`ann${number}`), await world.person(`bob${number}`)];
  const deployment = await world.userDeployment();
  const deviceId = await world.device(`SERIAL${number}`);
  await world.giveTo(deviceId, ann);
  const licenseId = WITHOUT_LICENSE.includes(state) ? null : await world.licenseOf(ann);
  const id = await world.installation({
    deploymentId: deployment.id,
    deviceId,
    userId: ann,
    state,
    licenseId,
    attempt: licenseId === null ? 1 : 2,
    ...fields,
  });
  return { deployment, deviceId, ann, bob, licenseId, id };
}

async function refresh({ deployment }: Place): Promise<void> {
  await refreshMembers(world.core, { collectionId: deployment.collectionId ?? "" });
}

async function giveTo(at: Place, userId: string | null): Promise<void> {
  await world.giveTo(at.deviceId, userId);
  await refresh(at);
}

const advance = () => advanceInstallations(world.core, { tokenId: world.tokenId });

describe("a device with another user", () => {
  test.each([S.LICENSED, S.INSTALLING, S.INSTALLED, S.FAILED])(
    "requests the new user's licence from %s, and uses the old one meanwhile",
    async (state) => {
      const at = await place(state, { handle: "h" });
      await giveTo(at, at.bob);
      expect(await world.seen(at.id)).toMatchObject({
        state: S.REQUESTED,
        userId: at.bob,
        licenseId: null,
        formerLicenseId: at.licenseId,
        generation: 2,
        handle: null,
      });
      await advance();
      expect(await world.licenseState(at.licenseId)).toBe("HELD");
    },
  );

  test.each([
    [S.WAITING_FOR_LICENSE, R.OUT_OF_STOCK],
    [S.WAITING_FOR_USER, R.INVITATION_OPEN],
    [S.NOT_APPLICABLE, R.DEVICE_LIMIT],
    [S.NOT_APPLICABLE, R.REGISTRATION_REFUSED],
    [S.NOT_APPLICABLE, R.OPERATION_ABANDONED],
    [S.NOT_APPLICABLE, R.USER_LEFT],
  ])("is requested anew from %s (%s), which was about the old one", async (state, reason) => {
    const at = await place(state, { reason });
    await giveTo(at, at.bob);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.REQUESTED,
      userId: at.bob,
      reason: null,
      formerLicenseId: null,
      generation: 2,
    });
  });

  test.each([R.REGISTRATION_REFUSED, R.OPERATION_ABANDONED])(
    "is not requested anew (%s) while it has the same one: that takes a retry",
    async (reason) => {
      const at = await place(S.NOT_APPLICABLE, { reason });
      await giveTo(at, at.ann);
      expect(await world.seen(at.id)).toMatchObject({ state: S.NOT_APPLICABLE, reason, generation: 1 });
    },
  );

  test("keeps its turn while it waits for stock", async () => {
    const at = await place(S.WAITING_FOR_LICENSE);
    const before = await world.seen(at.id);
    await giveTo(at, at.bob);
    expect((await world.seen(at.id)).queuedAt).toEqual(before.queuedAt);
  });

  test("lets a claim for the old one come to its end, returns it, and requests the new user's", async () => {
    const at = await place(S.CLAIMING);
    await world.read("UPDATE license SET state = 'CLAIMING', assigned_at = NULL WHERE id = $1", [at.licenseId]);
    await giveTo(at, at.bob);
    expect(await world.seen(at.id)).toMatchObject({ state: S.CLAIMING, userId: at.bob, generation: 2 });
    await world.read("UPDATE license SET state = 'HELD', assigned_at = now() WHERE id = $1", [at.licenseId]);
    await advance();
    expect(await world.seen(at.id)).toMatchObject({ state: S.REQUESTED, userId: at.bob, licenseId: null });
    expect(await world.licenseState(at.licenseId)).toBe("RETURNING");
  });

  test("goes on with a claim for the old one who has the device again when it comes through", async () => {
    const at = await place(S.CLAIMING);
    await giveTo(at, at.bob);
    await giveTo(at, at.ann);
    await advance();
    expect(await world.seen(at.id)).toMatchObject({ state: S.LICENSED, licenseId: at.licenseId });
    expect(await world.licenseState(at.licenseId)).toBe("HELD");
  });

  test("lets a removal that is to be followed by an install settle first", async () => {
    const at = await place(S.REMOVING, { want: PRESENT, handle: "h" });
    await giveTo(at, at.bob);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.REMOVING,
      handle: "h",
      userId: at.bob,
      licenseId: null,
      formerLicenseId: at.licenseId,
    });
  });

  test.each([S.REMOVING, S.REMOVAL_FAILED, S.RETURNING])("is left alone in %s when the app is to go", async (state) => {
    const at = await place(state, { want: ABSENT });
    await world.read("UPDATE deployment SET action = 'UNINSTALL' WHERE id = $1", [at.deployment.id]);
    await giveTo(at, at.bob);
    expect(await world.seen(at.id)).toMatchObject({ state, licenseId: at.licenseId, generation: 1 });
  });

  test("only has other facts where its licence is its own", async () => {
    const at = await place(S.INSTALLED);
    const licenseId = await world.license(at.deviceId, `OWN${places}`);
    await world.read("UPDATE installation SET license_id = $2 WHERE id = $1", [at.id, licenseId]);
    await giveTo(at, at.bob);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.INSTALLED,
      userId: at.bob,
      licenseId,
      formerLicenseId: null,
      generation: 1,
    });
  });

  test("is looked at once: another look changes nothing", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, at.bob);
    const before = await world.seen(at.id);
    await refresh(at);
    expect(await world.seen(at.id)).toEqual(before);
  });
});

describe("the licence of the former user", () => {
  /** The new user has got theirs. */
  async function licensed(at: Place, state = S.LICENSED): Promise<void> {
    const licenseId = await world.licenseOf(at.bob);
    await world.read("UPDATE installation SET state = $2, license_id = $3 WHERE id = $1", [at.id, state, licenseId]);
  }

  test("returns when the new user's is there", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, at.bob);
    await licensed(at, S.CLAIMING);
    await advance();
    expect(await world.seen(at.id)).toMatchObject({ state: S.LICENSED, formerLicenseId: null });
    expect(await world.licenseState(at.licenseId)).toBe("RETURNING");
  });

  test("stays where another device of theirs uses it", async () => {
    const at = await place(S.INSTALLED);
    const { deploymentId } = await world.seen(at.id);
    await world.installation({
      deploymentId,
      deviceId: await world.device(`OTHER${places}`),
      userId: at.ann,
      state: S.INSTALLED,
      licenseId: at.licenseId,
      leftAt: new Date(),
    });
    await giveTo(at, at.bob);
    await licensed(at);
    await advance();
    expect(await world.seen(at.id)).toMatchObject({ formerLicenseId: null });
    expect(await world.licenseState(at.licenseId)).toBe("HELD");
  });

  test("that was taken away at Apple is forgotten", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, at.bob);
    await world.read(
      "UPDATE license SET state = 'ENDED', ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple' WHERE id = $1",
      [at.licenseId],
    );
    await advance();
    expect(await world.seen(at.id)).toMatchObject({ state: S.REQUESTED, formerLicenseId: null });
  });

  test("of two changes at once is returned at the second one", async () => {
    const at = await place(S.INSTALLED);
    const cyd = await world.person(`cyd${places}`);
    await giveTo(at, at.bob);
    await licensed(at, S.INSTALLED);
    const { licenseId: bobs } = await world.seen(at.id);
    await giveTo(at, cyd);
    expect(await world.seen(at.id)).toMatchObject({ userId: cyd, licenseId: null, formerLicenseId: bobs });
    expect(await world.licenseState(at.licenseId)).toBe("RETURNING");
  });

  test("is what an uninstall in the middle removes the app with", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, at.bob);
    await world.core.dataSource.transaction((tx) =>
      changeDeploymentAction(tx, world.core, at.deployment, DeploymentAction.UNINSTALL, "test"),
    );
    expect(await world.seen(at.id)).toMatchObject({
      state: S.REMOVING,
      licenseId: at.licenseId,
      formerLicenseId: null,
    });
  });

  test("is kept with the app by a member who leaves in the middle", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, at.bob);
    await world.read("DELETE FROM collection_member WHERE collection_id = $1", [at.deployment.collectionId]);
    await refresh(at);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.INSTALLED,
      licenseId: at.licenseId,
      formerLicenseId: null,
      leftAt: expect.any(Date),
    });
  });

  describe("whose member leaves while the new user's is claimed", () => {
    /** The member leaves; the claim then comes through. */
    async function leaves(at: Place): Promise<void> {
      await giveTo(at, at.bob);
      await licensed(at, S.CLAIMING);
      await world.read("DELETE FROM collection_member WHERE collection_id = $1", [at.deployment.collectionId]);
      await refresh(at);
      expect(await world.seen(at.id)).toMatchObject({ state: S.CLAIMING, want: ABSENT, leftAt: expect.any(Date) });
    }

    async function statesOf(at: Place): Promise<(string | undefined)[]> {
      const [bobs] = await world.read<{ id: string }>(
        "SELECT license.id FROM license JOIN apple_user au ON au.id = apple_user_id WHERE au.user_id = $1",
        [at.bob],
      );
      return [await world.licenseState(at.licenseId), await world.licenseState(bobs?.id ?? null)];
    }

    test("stays with the app under KEEP, and the new user's returns", async () => {
      const at = await place(S.INSTALLED);
      await leaves(at);
      await advance();
      expect(await world.seen(at.id)).toMatchObject({
        state: S.INSTALLED,
        want: PRESENT,
        licenseId: at.licenseId,
        formerLicenseId: null,
      });
      expect(await statesOf(at)).toEqual(["HELD", "RETURNING"]);
    });

    test("returns, too, when the device is gone", async () => {
      const at = await place(S.INSTALLED);
      await leaves(at);
      await world.read("UPDATE device SET state = 'WIPED' WHERE id = $1", [at.deviceId]);
      await advance();
      expect(await world.seen(at.id)).toMatchObject({ state: S.RETURNING, formerLicenseId: null });
      expect(await statesOf(at)).toEqual(["RETURNING", "RETURNING"]);
    });

    test("returns, too, when the app is to be removed, and not before that", async () => {
      const at = await place(S.INSTALLED);
      await world.read("UPDATE deployment SET on_leave = 'UNINSTALL' WHERE id = $1", [at.deployment.id]);
      await leaves(at);
      await advance();
      expect(await world.seen(at.id)).toMatchObject({ state: S.REMOVING, formerLicenseId: null });
      expect(await statesOf(at)).toEqual(["RETURNING", "HELD"]);
    });
  });

  test.each([S.FAILED, S.NOT_APPLICABLE])(
    "stays for a week while the new user is refused (%s), and then returns, as the sweep notices",
    async (state) => {
      const { clock } = world.core;
      const at = await place(S.INSTALLED);
      await giveTo(at, at.bob);
      const refusedFor = async (days: number) => {
        const since = new Date(clock.now().getTime() - clock.scaled(days * DAY_MS));
        await world.read("UPDATE installation SET state = $2, state_at = $3 WHERE id = $1", [at.id, state, since]);
        await world.read("DELETE FROM graphile_worker._private_jobs");
        await sweep(world.core);
        return (await world.jobs("advance-installations")).length;
      };
      expect(await refusedFor(6)).toBe(0);
      await advance();
      expect(await world.licenseState(at.licenseId)).toBe("HELD");
      expect(await refusedFor(8)).toBe(1);
      await advance();
      expect(await world.seen(at.id)).toMatchObject({ state, formerLicenseId: null });
      expect(await world.licenseState(at.licenseId)).toBe("RETURNING");
    },
  );

  test("is kept for another deployment's device that asks for the new user", async () => {
    const at = await place(S.INSTALLED);
    const other = await world.userDeployment();
    await world.giveTo(at.deviceId, at.bob);
    await world.read("INSERT INTO collection_member (collection_id, device_id) VALUES ($1, $2)", [
      other.collectionId,
      at.deviceId,
    ]);
    await refreshMembers(world.core, { collectionId: other.collectionId ?? "" });
    const [theirs] = await world.read<{ former_license_id: string; state: string }>(
      "SELECT former_license_id, state FROM installation WHERE deployment_id = $1",
      [other.id],
    );
    expect(theirs).toEqual({ former_license_id: at.licenseId, state: S.REQUESTED });
  });
});

describe("a device that has lost its user", () => {
  test.each([S.REQUESTED, S.WAITING_FOR_LICENSE, S.WAITING_FOR_USER])("cannot get the app from %s", async (state) => {
    const at = await place(state);
    await giveTo(at, null);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.NOT_APPLICABLE,
      reason: R.NO_USER,
      userId: null,
      leftAt: null,
    });
  });

  test("says so when its device has removed the app, which went by another installation's licence", async () => {
    const at = await place(S.REMOVING, { want: ABSENT });
    await world.read("UPDATE installation SET license_id = NULL, left_at = now() WHERE id = $1", [at.id]);
    await world.giveTo(at.deviceId, null);
    const before = (await world.jobs("refresh-members")).length;
    const gone = { tokenId: world.tokenId, id: at.id, generation: 1, state: S.REMOVING, want: ABSENT, licenseId: null };
    await world.core.dataSource.transaction((tx) => afterRemoval(tx, world.core, [gone]));
    expect(await world.jobs("refresh-members")).toHaveLength(before + 1);
    await refresh(at);
    expect(await world.seen(at.id)).toMatchObject({ state: S.NOT_APPLICABLE, reason: R.NO_USER, leftAt: null });
  });

  test("awaits nothing more of an install that had failed without a licence, and is asked about none", async () => {
    const at = await place(S.FAILED, { handle: "h" });
    await world.read(
      `UPDATE installation SET license_id = NULL, deadline_at = now() + interval '1 day', verify_at = now(), next_look_at = now()
       WHERE id = $1`,
      [at.id],
    );
    await giveTo(at, null);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.NOT_APPLICABLE,
      reason: R.NO_USER,
      handle: null,
      verifyAt: null,
      nextLookAt: null,
      deadlineAt: null,
    });
  });

  test("keeps the app under KEEP with its licence, which nobody wants any more", async () => {
    const at = await place(S.INSTALLED);
    await giveTo(at, null);
    expect(await world.seen(at.id)).toMatchObject({
      state: S.INSTALLED,
      licenseId: at.licenseId,
      leftAt: expect.any(Date),
    });
    const before = await world.seen(at.id);
    await refresh(at);
    expect(await world.seen(at.id)).toEqual(before);
  });
});
