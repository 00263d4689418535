import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { targetsToTell } from "../../../src/sync/deployments/target-steps.js";
import { tokensToAdvance } from "../../../src/sync/deployments/tokens-to-advance.js";
import { tokensToLicense } from "../../../src/sync/deployments/tokens-to-license.js";
import { tokensOfHindered } from "../../../src/sync/deployments/try-hindered-again.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { recordStatements } from "../../support/record-statements.js";
import { ago } from "../deployments/deployment-world.js";
import { createQueueWorld, type QueueWorld } from "../deployments/queue-world.js";
import { addTokens, holds } from "../deployments/second-token.js";

/** What waits for something that has not come gets no job with each sweep, however much of it there is; what has come is found. */

const HOUR_MS = 3_600_000;
const MANY = 3_000;
const SOME = 20;

let world: QueueWorld;
beforeEach(async () => {
  world = await createQueueWorld();
});
afterEach(() => world.stop());

const look = () => sweep(world.core);

/** How many jobs of that name wait. */
async function jobs(name: string): Promise<number> {
  return (await world.jobs(name)).length;
}

describe("for people who wait", () => {
  /** One person of each token, who has not answered for an hour. */
  async function invite(tokens: number): Promise<void> {
    const { id } = await world.lane();
    await addTokens(world, tokens - 1);
    await world.read(`INSERT INTO "user" (id, added_at) SELECT id, now() FROM token`);
    await world.read("INSERT INTO device (id, serial, user_id, added_at) SELECT id, id, id, now() FROM token");
    await world.read(
      `INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
       SELECT id, id, id, 'REGISTERED', now() FROM token`,
    );
    await world.read("UPDATE deployment SET licensing = 'USER'");
    await world.read(
      `INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, user_id, want, state, reason, state_at,
                                 queued_at, created_at)
       SELECT id, $1, $2, $3, id, id, 'PRESENT', 'WAITING_FOR_USER', 'INVITATION_OPEN', now() - interval '1 hour', now(), now() FROM token`,
      [world.storeAppId, id, world.targetId],
    );
  }

  test(`there is none while nobody of ${MANY} tokens has accepted the invitation, one when somebody has`, async () => {
    await invite(MANY);
    await look();
    expect(await jobs("license-installations")).toBe(0);
    await world.read("UPDATE apple_user SET status = 'ASSOCIATED' WHERE token_id = $1", [world.tokenId]);
    await look();
    expect(await jobs("license-installations")).toBe(1);
  });

  test("those of all tokens that are due are added by one statement", async () => {
    await invite(SOME);
    await world.read("UPDATE apple_user SET status = 'ASSOCIATED'");
    const { statements } = await recordStatements(look);
    expect(statements.filter(({ text }) => text.includes("add_job"))).toHaveLength(1);
    expect(await jobs("license-installations")).toBe(SOME);
    await look();
    expect(await jobs("license-installations")).toBe(SOME);
  });

  test.each([
    ["of a token that may not write", "UPDATE token SET health_state = 'SUSPENDED'"],
    ["whose registration is being asked for", "UPDATE apple_user SET status = 'REQUESTED'"],
  ])("there is none %s", async (_, change) => {
    await invite(SOME);
    await world.read("UPDATE apple_user SET status = 'ASSOCIATED'");
    await world.read(change);
    await look();
    expect(await jobs("license-installations")).toBe(0);
  });
});

describe("for devices that wait for stock", () => {
  test("there is none while all that is free is kept for others, one when it is not any more", async () => {
    await world.stock(1);
    await world.reserve(await world.lane(), 1);
    await world.wait(await world.lane(), 1);
    await look();
    expect(await jobs("license-installations")).toBe(0);
    await world.read("UPDATE reservation SET ended_at = now()");
    await look();
    expect(await jobs("license-installations")).toBe(1);
  });

  test("there is one where it is kept for them", async () => {
    await world.stock(1);
    const lane = await world.lane();
    await world.reserve(lane, 1);
    await world.wait(lane, 1);
    await look();
    expect(await jobs("license-installations")).toBe(1);
  });

  test("there is none while their own licence is on its way back, one when it is back", async () => {
    const deviceId = await world.device("AAA");
    await world.holding(deviceId, "AAA");
    await world.read("UPDATE license SET state = 'RETURNING'");
    await world.wait(await world.lane(), 1, { deviceId, reason: R.LICENSE_RETURNING });
    await world.read("UPDATE installation SET state_at = $1", [ago(world.core, HOUR_MS)]);
    await look();
    expect(await jobs("license-installations")).toBe(0);
    await world.read("UPDATE license SET state = 'ENDED', ended_at = now(), end_cause = 'MANUAL', end_actor = 'test'");
    await look();
    expect(await jobs("license-installations")).toBe(1);
  });
});

describe("for devices that another token served", () => {
  test("there is none while its licence is held, one when it has ended", async () => {
    const lane = await world.lane();
    const [other = ""] = await addTokens(world, 1);
    const deviceId = await world.device("AAA");
    await world.wait(lane, 1, { deviceId, state: S.NOT_APPLICABLE, reason: R.SERVED_BY_OTHER_TOKEN });
    await holds(world, { tokenId: other, deviceId });
    await look();
    expect(await jobs("license-installations")).toBe(0);
    await world.read(
      "UPDATE license SET state = 'ENDED', ended_at = now() - interval '1 minute', end_cause = 'MANUAL', end_actor = 'test'",
    );
    await look();
    expect(await jobs("license-installations")).toBe(1);
  });
});

describe("for whoever uses a licence", () => {
  async function using(state: S): Promise<void> {
    const { id: deploymentId } = await world.lane();
    const deviceId = await world.device("AAA");
    const licenseId = await world.holding(deviceId, "AAA");
    await world.installation({ deploymentId, deviceId, licenseId, state, stateAt: ago(world.core, HOUR_MS) });
    await world.read("UPDATE license SET assigned_at = $1", [ago(world.core, HOUR_MS)]);
  }

  const end = (since: string) =>
    world.read(
      `UPDATE license SET state = 'ENDED', ended_at = now() - interval '${since}', end_cause = 'EXTERNAL', end_actor = 'apple'`,
    );

  test.each([S.INSTALLED, S.RETURNING, S.FAILED])(
    "there is none while it is held, one when it has ended: %s",
    async (state) => {
      await using(state);
      await look();
      expect(await jobs("advance-installations")).toBe(0);
      await end("1 minute");
      await look();
      expect(await jobs("advance-installations")).toBe(1);
    },
  );

  test("there is none while it is claimed, one when Apple has confirmed it", async () => {
    await using(S.CLAIMING);
    await world.read("UPDATE license SET state = 'CLAIMING', assigned_at = NULL");
    await look();
    expect(await jobs("advance-installations")).toBe(0);
    await world.read("UPDATE license SET state = 'HELD', assigned_at = now() - interval '1 minute'");
    await look();
    expect(await jobs("advance-installations")).toBe(1);
  });
});

describe("for steps that cannot be told", () => {
  const STEPS = 2_500;

  async function waitAtTarget(state: S, want: InstallationWant): Promise<void> {
    const { id: deploymentId } = await world.lane();
    await world.installation({
      deploymentId,
      deviceId: await world.device("AAA"),
      state,
      want,
      nextLookAt: ago(world.core, HOUR_MS),
    });
    await world.read(
      `WITH more AS (INSERT INTO device (id, serial, added_at)
                     SELECT gen_random_uuid(), 'MORE' || n, now() FROM generate_series(2, $1) n RETURNING id)
       INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, want, state, next_look_at, state_at,
                                 queued_at, created_at)
       SELECT token_id, store_app_id, deployment_id, target_id, more.id, want, state, next_look_at, now(), now(), now()
       FROM installation, more`,
      [STEPS],
    );
  }

  test.each([
    ["removals of a token that may not write", S.REMOVING, "token SET health_state", "'SUSPENDED'", "'ACTIVE'"],
    ["installs of an app that its product has not made", S.LICENSED, "application SET ready_at", "NULL", "now()"],
  ] as const)("there is none, and nobody pages through them, while they are %s", async (_, state, what, held, free) => {
    await waitAtTarget(state, state === S.REMOVING ? InstallationWant.ABSENT : InstallationWant.PRESENT);
    await world.read(`UPDATE ${what} = ${held}`);
    await look();
    expect(await jobs("apply-steps")).toBe(0);
    const { statements } = await recordStatements(() => applySteps(world.core, { targetId: world.targetId }));
    expect(statements.filter(({ text }) => text.includes("next_look_at <= $2"))).toHaveLength(1);
    expect(await jobs("apply-steps")).toBe(0);
    await world.read(`UPDATE ${what} = ${free}`);
    await look();
    expect(await jobs("apply-steps")).toBe(1);
  });

  test("there is none while an install waits for a removal that was told", async () => {
    const deviceId = await world.device("AAA");
    const nextLookAt = ago(world.core, HOUR_MS);
    const removal = await world.installation({
      deploymentId: (await world.lane()).id,
      deviceId,
      state: S.REMOVING,
      want: InstallationWant.ABSENT,
      handle: "h",
      nextLookAt: world.core.clock.in(HOUR_MS),
    });
    await world.installation({ deploymentId: (await world.lane()).id, deviceId, state: S.LICENSED, nextLookAt });
    await look();
    expect(await jobs("apply-steps")).toBe(0);
    await world.read("UPDATE installation SET state = 'REMOVED', handle = NULL WHERE id = $1", [removal]);
    await look();
    expect(await jobs("apply-steps")).toBe(1);
  });
});

describe("what is overdue is found by indexes of what may be", () => {
  test.each([
    [
      "claimed, returned and lost licences",
      tokensToAdvance,
      ["license_ended", "installation_license", "installation_(to_advance|state)"],
    ],
    ["steps", targetsToTell, ["installation_to_apply"]],
    [
      "requests, answered invitations, returned licences and stock",
      tokensToLicense,
      ["installation_(state|to_license)", "apple_user_of_user", "installation_awaits_return"],
    ],
    [
      "ends of other tokens' licences",
      tokensOfHindered,
      ["installation_(reason|hindered)", "license_of_device", "apple_user_of_user"],
    ],
  ])("%s", async (_, find, indexes) => {
    const { dataSource } = world.core;
    const { statements } = await recordStatements(() => find(dataSource, world.core, new Date()));
    const plans = await dataSource.transaction(async (tx) => {
      await tx.query("SET LOCAL enable_seqscan = off");
      const lines: { "QUERY PLAN": string }[][] = [];
      for (const { text, values } of statements) lines.push(await tx.query(`EXPLAIN ${text}`, [...values]));
      return lines
        .flat()
        .map((line) => line["QUERY PLAN"])
        .join("\n");
    });
    for (const index of indexes) expect(plans).toMatch(new RegExp(`(using|on) ${index}`));
    expect(plans).not.toMatch(/Seq Scan on (installation|license|apple_user)/);
  });
});
