import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Token, TokenAuthority, TokenHealthState } from "../../../src/entities/token.js";
import type { Core } from "../../../src/sync/core.js";
import { fullSyncDue } from "../../../src/sync/tokens/full-sync-due.js";
import { nextSyncAt } from "../../../src/sync/tokens/next-sync-at.js";
import { slotDelay } from "../../../src/sync/tokens/slot-delay.js";
import { syncOffset } from "../../../src/sync/tokens/sync-offset.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { DEFAULT_POLICY } from "../../support/policy.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const core = { clock: createSystemClock(1), policy: DEFAULT_POLICY } as Core;
const ids = Array.from({ length: 2_000 }, () => randomUUID());

/** How many tokens fall into each tenth of a span. */
function tenths(offsets: readonly number[]): number[] {
  const counts = Array<number>(10).fill(0);
  for (const offset of offsets) counts[Math.floor(offset * 10)] = (counts[Math.floor(offset * 10)] ?? 0) + 1;
  return counts;
}

describe("a token's place in a span", () => {
  it("is the same always, and evenly spread over many tokens", () => {
    expect(ids.map((id) => syncOffset(id, "slot"))).toEqual(ids.map((id) => syncOffset(id, "slot")));
    expect(Math.min(...tenths(ids.map((id) => syncOffset(id, "slot"))))).toBeGreaterThan(120);
    expect(Math.max(...tenths(ids.map((id) => syncOffset(id, "period"))))).toBeLessThan(280);
  });

  it("lets a few tokens begin at once, and many within an hour", () => {
    expect(ids.map((id) => slotDelay(core, id, 9)).every((delay) => delay === 0)).toBe(true);
    const delays = ids.map((id) => slotDelay(core, id, 10));
    expect(Math.max(...delays)).toBeLessThan(HOUR_MS);
    expect(Math.max(...delays)).toBeGreaterThan(0.9 * HOUR_MS);
  });
});

describe("a full synchronisation", () => {
  const added = new Date("2030-01-01T00:00:00Z");
  const at = (days: number) => new Date(added.getTime() + days * DAY_MS);

  it("is due at once where there was none", () => {
    expect(fullSyncDue(randomUUID(), null, added, 7 * DAY_MS)).toBe(true);
  });

  it("is due once in every period, and spread over it for tokens that were added together", () => {
    const days = ids.map((id) => [1, 2, 3, 4, 5, 6, 7].find((day) => fullSyncDue(id, added, at(day), 7 * DAY_MS)));
    for (const day of [1, 2, 3, 4, 5, 6, 7]) {
      expect(days.filter((due) => due === day).length).toBeGreaterThan(ids.length / 7 / 2);
    }
    expect(days).not.toContain(undefined);
  });

  it("is not due again before the period has passed once more", () => {
    for (const id of ids.slice(0, 50)) {
      const first = [1, 2, 3, 4, 5, 6, 7].find((day) => fullSyncDue(id, added, at(day), 7 * DAY_MS)) ?? 0;
      const next = [1, 2, 3, 4, 5, 6, 7].filter((day) => fullSyncDue(id, at(first), at(first + day), 7 * DAY_MS));
      expect(next).toEqual([7]);
    }
  });
});

describe("the next synchronisation", () => {
  const token = (own: Partial<Token> = {}): Token =>
    Object.assign(new Token(), {
      id: randomUUID(),
      authority: TokenAuthority.SERVICE,
      removingAt: null,
      health: { state: TokenHealthState.ACTIVE },
      ...own,
    });
  const inState = (state: TokenHealthState) => token({ health: { state } as Token["health"] });

  it("is the schedule's next tick, in UTC", () => {
    const next = nextSyncAt(core, token(), { takenAt: null, tokens: 1 });
    expect(next && next.getTime() > Date.now()).toBe(true);
    expect([5, 17]).toContain(next?.getUTCHours());
    expect(next?.getUTCMinutes()).toBe(0);
  });

  it("is later by the token's own delay where there are many", () => {
    const one = token();
    const alone = nextSyncAt(core, one, { takenAt: null, tokens: 1 })?.getTime() ?? 0;
    const among = nextSyncAt(core, one, { takenAt: null, tokens: 100 })?.getTime() ?? 0;
    expect(among - alone).toBeCloseTo(slotDelay(core, one.id, 100), -1);
  });

  it("is still ahead while the last tick's turn has not come to the token", () => {
    const late = token({ id: ids.find((id) => syncOffset(id, "slot") > 0.9) ?? "" });
    const takenAt = new Date(Date.now() - HOUR_MS / 2);
    const next = nextSyncAt(core, late, { takenAt, tokens: 100 });
    expect(next?.getTime()).toBeCloseTo(takenAt.getTime() + slotDelay(core, late.id, 100), -1);
  });

  it.each([
    TokenHealthState.SUSPENDED,
    TokenHealthState.DUPLICATE_LOCATION,
    TokenHealthState.EXPIRED,
    TokenHealthState.REVOKED,
    TokenHealthState.INVALID,
  ])("is none in %s", (state) => {
    expect(nextSyncAt(core, inState(state), { takenAt: null, tokens: 1 })).toBeNull();
  });

  it.each([
    TokenHealthState.UNVERIFIED,
    TokenHealthState.EXPIRING,
    TokenHealthState.CLAIMED_ELSEWHERE,
    TokenHealthState.READ_ONLY,
  ])("comes in %s, since it is read then, too", (state) => {
    expect(nextSyncAt(core, inState(state), { takenAt: null, tokens: 1 })).toBeInstanceOf(Date);
  });

  it("is none while the token is being removed", () => {
    expect(nextSyncAt(core, token({ removingAt: new Date() }), { takenAt: null, tokens: 1 })).toBeNull();
  });
});
