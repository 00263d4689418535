import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Core } from "../../../src/sync/core.js";
import { expiryLevel } from "../../../src/sync/tokens/expiry-level.js";
import { warnOfExpiry } from "../../../src/sync/tokens/warn-of-expiry.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

const DAY_MS = 86_400_000;
const NOW = new Date("2030-06-01T06:00:00.000Z");
const STEPS = [60, 30, 14, 7, 1];

describe("the warning that is due", () => {
  it.each([
    [60.1, null],
    [60, 60],
    [30.1, 60],
    [30, 30],
    [7, 7],
    [1.5, 7],
    [1, 1],
    [0.01, 1],
    [0, 0],
    [-400, 0],
  ])("with %s days left is %s", (days, level) => {
    expect(expiryLevel(new Date(NOW.getTime() + days * DAY_MS), NOW, STEPS)).toBe(level);
  });
});

describe("the alert about tokens that expire", () => {
  let world: TargetWorld;
  beforeEach(async () => {
    world = await createTargetWorld([]);
  });
  afterEach(() => world.stop());

  /** The world on a day so many days later. */
  const onDay = (day: number): Core => {
    const now = new Date(NOW.getTime() + day * DAY_MS);
    return { ...world.core, clock: { ...world.core.clock, now: () => now } };
  };

  async function addToken(name: string, days: number, contacts: object[] = []): Promise<void> {
    await world.read(
      `INSERT INTO token (id, authority, name, platform, secret, fingerprint, contacts, expires_at, added_at, updated_at, health_since)
       VALUES (gen_random_uuid(), 'SERVICE', $1, 'BUSINESS', 'sealed', $1, $2, $3, now(), now(), now())`,
      [name, JSON.stringify(contacts), new Date(NOW.getTime() + days * DAY_MS)],
    );
  }

  const alerts = () =>
    world.read<{ message: string; raised_at: Date; cleared_at: Date | null }>(
      "SELECT message, raised_at, cleared_at FROM alert WHERE kind = 'TOKENS_EXPIRE' ORDER BY raised_at",
    );
  const raisedAt = async () => (await alerts())[0]?.raised_at;

  it("is one for all of them, with when, whom to ask and what to do", async () => {
    await addToken("Far", 61);
    await addToken("Soon", 20, [{ name: "Ann", email: "ann@example.com" }]);
    await addToken("Gone", -3);
    await warnOfExpiry(onDay(0));
    const [alert, ...more] = await alerts();
    expect(more).toEqual([]);
    expect(alert?.message).toContain('"Soon" expires on 2030-06-21 (Ann <ann@example.com>)');
    expect(alert?.message).toContain('"Gone" expired on 2030-05-29 (no contact is named)');
    expect(alert?.message).toContain("renewToken");
    expect(alert?.message).not.toContain("Far");
  });

  it("is raised anew only on days on which a token comes a step nearer", async () => {
    await addToken("Main", 60);
    const raised: number[] = [];
    for (let day = 0; day <= 62; day += 1) {
      await warnOfExpiry(onDay(day));
      if ((await raisedAt())?.getTime() === NOW.getTime() + day * DAY_MS) raised.push(day);
    }
    expect(raised).toEqual([0, 30, 46, 53, 59, 60]);
    expect(await alerts()).toHaveLength(1);
  });

  it("is raised anew for a token that was added, not for the same news again", async () => {
    await addToken("Main", 20);
    await warnOfExpiry(onDay(0));
    await warnOfExpiry(onDay(1));
    expect(await raisedAt()).toEqual(NOW);
    await addToken("Other", 21);
    await warnOfExpiry(onDay(2));
    expect(await raisedAt()).toEqual(onDay(2).clock.now());
    expect((await alerts())[0]?.message).toMatch(/"Main".*"Other"/);
  });

  it("no longer names a token that was renewed, and is not raised anew for that", async () => {
    await addToken("Main", 20);
    await addToken("Other", 20);
    await warnOfExpiry(onDay(0));
    await world.read("UPDATE token SET expires_at = expires_at + interval '1 year' WHERE name = 'Main'");
    await warnOfExpiry(onDay(1));
    expect(await raisedAt()).toEqual(NOW);
    expect((await alerts())[0]?.message).not.toContain("Main");
  });

  it("is cleared when none is left, and raised again for the next end", async () => {
    await addToken("Main", 20);
    await warnOfExpiry(onDay(0));
    await world.read("UPDATE token SET expires_at = expires_at + interval '1 year'");
    await warnOfExpiry(onDay(1));
    expect(await alerts()).toEqual([expect.objectContaining({ cleared_at: onDay(1).clock.now() })]);
    await warnOfExpiry(onDay(360));
    expect(await alerts()).toHaveLength(2);
  });

  it("follows the policy's days", async () => {
    await addToken("Main", 80);
    await warnOfExpiry(onDay(0));
    expect(await alerts()).toEqual([]);
    const core = onDay(0);
    await warnOfExpiry({ ...core, policy: { ...core.policy, expiryWarningDays: [90] } });
    expect(await alerts()).toHaveLength(1);
  });

  it("names fifty of many, and tells how many more there are", async () => {
    for (let at = 0; at < 53; at += 1) await addToken(`T${at}`, 5);
    await warnOfExpiry(onDay(0));
    expect((await alerts())[0]?.message).toMatch(/^53 tokens.*and 3 more/);
  });
});
