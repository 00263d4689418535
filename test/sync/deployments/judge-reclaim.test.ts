import { describe, expect, it, test } from "vitest";
import { InstallationState, InstallationWant } from "../../../src/entities/installation.js";
import { LicenseState } from "../../../src/entities/license.js";
import { TokenAuthority, TokenHealthState } from "../../../src/entities/token.js";
import type { LicenseUse, ReclaimFacts } from "../../../src/queries/reclaim-facts.js";
import { judgeReclaim } from "../../../src/sync/deployments/judge-reclaim.js";

const FREE: ReclaimFacts = {
  tokenId: "token",
  id: "1",
  state: LicenseState.HELD,
  busy: false,
  neverReclaim: false,
  given: false,
  revocable: true,
  authority: TokenAuthority.SERVICE,
  health: TokenHealthState.ACTIVE,
  uses: [],
};

const USE: LicenseUse = {
  id: "7",
  state: InstallationState.INSTALLED,
  want: InstallationWant.PRESENT,
  generation: 1,
  left: false,
  parting: false,
};

function outcome(facts: Partial<ReclaimFacts>, evenIfWanted = false): string {
  return judgeReclaim({ ...FREE, ...facts }, { evenIfWanted }).outcome;
}

describe("a licence", () => {
  test.each<[string, Partial<ReclaimFacts>, string]>([
    ["that nothing holds back returns", {}, "RETURNED"],
    ["that an admin has given returns", { given: true }, "RETURNED"],
    ["that only somebody who has left uses returns", { uses: [{ ...USE, left: true }] }, "RETURNED"],
    ["that has ended stays ended", { state: LicenseState.ENDED }, "ENDED"],
    ["that Apple refused was never there", { state: LicenseState.REFUSED }, "ENDED"],
    ["on its way back goes on", { state: LicenseState.RETURNING, busy: true }, "RETURNING"],
    ["of an MDM's token stays", { authority: TokenAuthority.TARGET }, "MDM_OWNED"],
    ["of an app that Apple takes nothing back of stays", { revocable: false }, "IRREVOCABLE"],
    ["that is protected stays", { neverReclaim: true }, "NEVER_RECLAIM"],
    ["that is wanted stays", { uses: [USE] }, "STILL_WANTED"],
    ["that Apple is at work on waits", { state: LicenseState.CLAIMING, busy: true }, "OPERATION_OPEN"],
    ["of a token that may not write waits", { health: TokenHealthState.SUSPENDED }, "TOKEN_NOT_WRITABLE"],
  ])("%s", (_, facts, expected) => {
    expect(outcome(facts)).toBe(expected);
  });

  it("is taken from under whoever wants it if the admin says so, but nothing else is overruled by that", () => {
    expect(outcome({ uses: [USE] }, true)).toBe("RETURNED");
    expect(outcome({ uses: [USE], busy: true }, true)).toBe("OPERATION_OPEN");
    expect(outcome({ uses: [USE], neverReclaim: true }, true)).toBe("NEVER_RECLAIM");
  });

  it("is wanted, too, by a device that uses it until its present user has one", () => {
    expect(outcome({ uses: [{ ...USE, parting: true }] })).toBe("STILL_WANTED");
  });

  it("that can never be taken back says so, whatever else stands against it for now", () => {
    const facts = { revocable: false, neverReclaim: true, busy: true, uses: [USE], health: TokenHealthState.EXPIRED };
    expect(outcome(facts)).toBe("IRREVOCABLE");
    expect(outcome({ ...facts, revocable: true })).toBe("NEVER_RECLAIM");
  });

  it("names who wants it, and nobody who has left", () => {
    const { wantedBy } = judgeReclaim(
      { ...FREE, uses: [USE, { ...USE, id: "8", left: true }] },
      { evenIfWanted: false },
    );
    expect(wantedBy.map(({ id }) => id)).toEqual(["7"]);
  });
});
