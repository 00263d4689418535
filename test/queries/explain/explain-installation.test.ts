import { describe, expect, it, test } from "vitest";
import { AppleOperationIntent, AppleOperationState as O } from "../../../src/entities/apple-operation.js";
import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import { DeploymentAction } from "../../../src/entities/deployment.js";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { HolderKind, LicenseState } from "../../../src/entities/license.js";
import { ApnsState } from "../../../src/entities/target.js";
import { TokenHealthState as T, TokenAuthority } from "../../../src/entities/token.js";
import type { ExplainFacts } from "../../../src/queries/explain/explain-facts.js";
import { explainInstallation } from "../../../src/queries/explain/explain-installation.js";
import type { ExplanationCause, WhoHasToAct } from "../../../src/queries/explain/link.js";
import { at, sampleFacts } from "./sample-facts.js";

type Told = readonly [ExplanationCause, WhoHasToAct];

const ABSENT = { want: InstallationWant.ABSENT } as const;

/** By which state each one is told, after the wish. */
const STATES: Readonly<Record<S, readonly Told[]>> = {
  REQUESTED: [["LICENSING", "ALLOTMENT"]],
  WAITING_FOR_LICENSE: [],
  WAITING_FOR_USER: [],
  NO_DEVICE: [["NO_DEVICE", "ADMIN"]],
  NOT_APPLICABLE: [],
  CLAIMING: [["LICENSING", "ALLOTMENT"]],
  LICENSED: [["NOT_HANDED_OVER", "ALLOTMENT"]],
  INSTALLING: [["NOT_HANDED_OVER", "ALLOTMENT"]],
  INSTALLED: [["INSTALLED", "NOBODY"]],
  FAILED: [],
  REMOVING: [
    ["BEING_REMOVED", "TARGET"],
    ["NOT_HANDED_OVER", "ALLOTMENT"],
  ],
  REMOVAL_FAILED: [["REMOVAL_FAILED", "TARGET"]],
  RETURNING: [["LICENSE_RETURNING", "APPLE"]],
  REMOVED: [["REMOVED", "NOBODY"]],
  SUPERSEDED: [["SUPERSEDED", "NOBODY"]],
  CANCELLED: [["CANCELLED", "NOBODY"]],
};

/** In which state each reason is met, and how it is told. */
const REASONS: Readonly<Record<R, readonly [S, Told]>> = {
  NO_USER: [S.NOT_APPLICABLE, ["NO_USER", "ADMIN"]],
  DEVICE_LIMIT: [S.NOT_APPLICABLE, ["DEVICE_LIMIT", "ADMIN"]],
  UNKNOWN_AT_TARGET: [S.NOT_APPLICABLE, ["UNKNOWN_AT_TARGET", "ADMIN"]],
  NO_SERIAL: [S.NOT_APPLICABLE, ["NO_SERIAL", "ADMIN"]],
  DEVICE_GONE: [S.NOT_APPLICABLE, ["DEVICE_GONE", "ADMIN"]],
  PLATFORM_UNSUPPORTED: [S.NOT_APPLICABLE, ["PLATFORM_UNSUPPORTED", "ADMIN"]],
  OUT_OF_STOCK: [S.WAITING_FOR_LICENSE, ["OUT_OF_STOCK", "ADMIN"]],
  LICENSE_RETURNING: [S.WAITING_FOR_LICENSE, ["LICENSE_RETURNING", "APPLE"]],
  REGISTRATION_OPEN: [S.WAITING_FOR_USER, ["REGISTRATION_OPEN", "APPLE"]],
  INVITATION_OPEN: [S.WAITING_FOR_USER, ["INVITATION_OPEN", "PERSON"]],
  REGISTRATION_REFUSED: [S.NOT_APPLICABLE, ["REGISTRATION_REFUSED", "ADMIN"]],
  REFUSED_BY_APPLE: [S.FAILED, ["REFUSED_BY_APPLE", "ADMIN"]],
  TOKEN_NOT_WRITABLE: [S.FAILED, ["TOKEN_FROZEN", "ADMIN"]],
  REFUSED_BY_TARGET: [S.FAILED, ["REFUSED_BY_TARGET", "ADMIN"]],
  NEEDS_USER: [S.INSTALLING, ["NEEDS_USER", "PERSON"]],
  TIMED_OUT: [S.FAILED, ["TIMED_OUT", "ADMIN"]],
  SERVED_BY_OTHER_TOKEN: [S.NOT_APPLICABLE, ["SERVED_BY_OTHER_TOKEN", "NOBODY"]],
  LICENSE_LOST: [S.FAILED, ["LICENSE_LOST", "ADMIN"]],
  IRREVOCABLE: [S.REMOVED, ["IRREVOCABLE", "NOBODY"]],
  USER_LEFT: [S.NOT_APPLICABLE, ["USER_LEFT", "ADMIN"]],
  KEPT_BY_INSTALL: [S.SUPERSEDED, ["CONFLICT", "ADMIN"]],
  RECLAIMED: [S.FAILED, ["RECLAIMED", "ADMIN"]],
  LICENSE_KEPT: [S.REMOVED, ["LICENSE_KEPT", "NOBODY"]],
  OPERATION_ABANDONED: [S.FAILED, ["OPERATION_ABANDONED", "ADMIN"]],
};

function told(facts: ExplainFacts): Told[] {
  return explainInstallation(facts).map(({ cause, whoHasToAct }) => [cause, whoHasToAct]);
}

describe("an installation without a reason", () => {
  test.each(Object.entries(STATES) as [S, readonly Told[]][])("in %s is told by its state", (state, expected) => {
    expect(told(sampleFacts({ installation: { state } }))).toEqual([["WANTED", "NOBODY"], ...expected]);
  });
});

describe("the reason", () => {
  test.each(Object.entries(REASONS) as [R, readonly [S, Told]][])(
    "%s is told, and who has to act",
    (reason, expected) => {
      const [state, link] = expected;
      const chain = explainInstallation(sampleFacts({ installation: { state, reason } }));
      expect(chain.map(({ cause, whoHasToAct }) => [cause, whoHasToAct])).toContainEqual(link);
      for (const { evidence, nextAction } of chain) {
        expect(evidence).toMatch(/^\S.*\.$/);
        expect(nextAction).toMatch(/^[A-Z]/);
      }
    },
  );

  it("comes with the words and the remedy of Apple or the target", () => {
    const words = { detail: "INSTALL_FAILED: no space", remedy: "Free some space" };
    const chain = explainInstallation(
      sampleFacts({ installation: { state: S.FAILED, reason: R.REFUSED_BY_TARGET, ...words } }),
    );
    expect(chain.at(-1)).toMatchObject({
      evidence: "Campus MDM refused. INSTALL_FAILED: no space.",
      nextAction: "Free some space.",
      since: at(5),
    });
  });

  it.each([
    [R.REGISTRATION_REFUSED, S.NOT_APPLICABLE],
    [R.REFUSED_BY_APPLE, S.FAILED],
    [R.REFUSED_BY_TARGET, S.FAILED],
    [R.TIMED_OUT, S.FAILED],
    [R.LICENSE_LOST, S.FAILED],
    [R.RECLAIMED, S.FAILED],
    [R.OPERATION_ABANDONED, S.FAILED],
    [R.OPERATION_ABANDONED, S.NOT_APPLICABLE],
  ] as const)("%s in %s is mended by a retry, which nobody is told of where it is refused", (reason, state) => {
    const retry = /retry the installation/i;
    const last = (installation: object) =>
      explainInstallation(sampleFacts({ installation: { state, reason, ...installation } })).at(-1);
    expect(last({})).toMatchObject({ whoHasToAct: "ADMIN", nextAction: expect.stringMatching(retry) });
    const remedy = "Mend it, then retry the installation.";
    expect(last({ remedy, leftAt: at(9) })?.nextAction).not.toMatch(retry);
    expect(last({ remedy, want: InstallationWant.ABSENT })?.nextAction).not.toMatch(retry);
  });

  it.each([S.RETURNING, S.REMOVED])(
    "RECLAIMED in %s needs nobody, and a licence that may have leaked an admin",
    (state) => {
      const why = (reason: R) => {
        const installation = { state, reason, want: InstallationWant.ABSENT, leftAt: at(9) };
        return explainInstallation(sampleFacts({ installation })).find(({ cause }) => cause === reason);
      };
      expect(why(R.RECLAIMED)).toMatchObject({ whoHasToAct: "NOBODY", nextAction: expect.stringContaining("Nothing") });
      expect(why(R.OPERATION_ABANDONED)).toMatchObject({
        whoHasToAct: "ADMIN",
        nextAction: expect.stringContaining("leakedLicenses"),
      });
    },
  );

  it("INVITATION_OPEN says where the link is", () => {
    const registration = {
      status: AppleUserStatus.REGISTERED,
      email: null,
      addedAt: at(2),
    };
    const chain = explainInstallation(
      sampleFacts({ installation: { state: S.WAITING_FOR_USER, reason: R.INVITATION_OPEN }, registration }),
    );
    expect(chain.at(-1)).toMatchObject({
      nextAction: expect.stringContaining("`invitationUrl`"),
      since: at(2),
    });
  });

  it.each([
    [R.KEPT_BY_INSTALL, { keptBy: "Year 8" }, "Year 8"],
    [R.SERVED_BY_OTHER_TOKEN, { otherToken: "Branch" }, "Branch"],
    [R.USER_LEFT, { user: { leftAt: at(3) } }, "2026-01-03"],
    [R.PLATFORM_UNSUPPORTED, { device: { platform: "tvOS" } }, "tvOS"],
  ] as const)("%s names what it is about", (reason, changes, name) => {
    const chain = explainInstallation(sampleFacts({ ...changes, installation: { state: S.NOT_APPLICABLE, reason } }));
    expect(chain.at(-1)?.evidence).toContain(name);
  });
});

describe("the wish", () => {
  const gone = { state: S.INSTALLED, leftAt: at(9) };
  it.each([
    [
      "that has become an uninstall",
      { deployment: { action: DeploymentAction.UNINSTALL }, installation: ABSENT },
      ["UNINSTALL_WANTED"],
    ],
    ["that its deployment no longer has", { installation: ABSENT }, ["UNINSTALL_WANTED"]],
    [
      "whose deployment was deleted",
      { deployment: { deletedAt: at(9), deletedBy: "admin" }, installation: gone },
      ["WANTED", "DEPLOYMENT_DELETED"],
    ],
    ["whose member has left", { installation: gone }, ["WANTED", "LEFT"]],
  ] as const)("%s comes first", (_, changes, causes) => {
    const chain = explainInstallation(sampleFacts(changes));
    expect(chain.map(({ cause }) => cause)).toEqual([...causes, "INSTALLED"]);
  });
});

describe("a wait for stock", () => {
  const waiting = { state: S.WAITING_FOR_LICENSE, reason: R.OUT_OF_STOCK };
  const queue = { position: 3, reservationId: null, priority: 0, queuedAt: at(4) };

  it("tells the place, who is ahead, and since when", () => {
    const [, link] = explainInstallation(sampleFacts({ installation: waiting, queue }));
    expect(link).toMatchObject({
      cause: "OUT_OF_STOCK",
      evidence: expect.stringContaining("number 3 in the lane of all, with 2 ahead"),
      since: at(4),
    });
  });

  it.each([
    ["RESERVED", "releaseReservation"],
    ["WAITED_ELSEWHERE", "priority"],
    ["CLAIM_REFUSED", "claims again by itself"],
    ["ORDER_CHANGED", "priority"],
  ] as const)("tells who was served first for %s, and what can be done", (cause, action) => {
    const lane = { cause, collectionId: "c", collection: "Staff", reservationId: null, count: 2, lastAt: at(8) };
    const chain = explainInstallation(sampleFacts({ installation: waiting, queue, servedFirst: [lane] }));
    expect(chain.at(-1)).toMatchObject({
      cause: "SERVED_FIRST",
      evidence: expect.stringContaining('2 licences went to "Staff"'),
      nextAction: expect.stringContaining(action),
      since: at(8),
    });
  });

  it("tells that claims are paused after Apple's 9709, as long as they are", () => {
    const paused = (until: Date) => told(sampleFacts({ installation: waiting, queue, app: { claimsResumeAt: until } }));
    expect(paused(at(21))).toContainEqual(["CLAIMS_PAUSED", "ALLOTMENT"]);
    expect(paused(at(19))).not.toContainEqual(["CLAIMS_PAUSED", "ALLOTMENT"]);
  });

  it("tells that Apple no longer lists the app", () => {
    expect(told(sampleFacts({ installation: waiting, app: { unlistedAt: at(6) } }))).toContainEqual([
      "APP_UNLISTED",
      "ADMIN",
    ]);
  });
});

describe("the token", () => {
  const health = { state: T.EXPIRED, cause: "It ended.", since: at(10), evidence: "9622", remedy: "Renew it." };

  it.each([
    S.REQUESTED,
    S.WAITING_FOR_LICENSE,
    S.WAITING_FOR_USER,
    S.CLAIMING,
    S.REMOVING,
    S.REMOVAL_FAILED,
    S.RETURNING,
  ])("that may not write is told in %s, with the cause and the remedy of its health", (state) => {
    const chain = explainInstallation(sampleFacts({ installation: { state }, token: { health } }));
    expect(chain.find(({ cause }) => cause === "TOKEN_FROZEN")).toEqual({
      cause: "TOKEN_FROZEN",
      evidence: 'The token "Head office" may not write, since it is EXPIRED (9622): It ended.',
      nextAction: "Renew it.",
      whoHasToAct: "ADMIN",
      since: at(10),
    });
  });

  it("that may not write lets no deadline run, and is what a failed removal waits for", () => {
    const installation = { state: S.REMOVAL_FAILED, want: InstallationWant.ABSENT, deadlineAt: at(21) };
    const chain = explainInstallation(sampleFacts({ installation, token: { health } }));
    expect(chain.find(({ cause }) => cause === "REMOVAL_FAILED")?.nextAction).toContain("once the token may write");
    const told = { state: S.REMOVING, handle: "h", deadlineAt: at(21) };
    const [, , order] = explainInstallation(sampleFacts({ installation: told, token: { health } }));
    expect(order).toMatchObject({ cause: "HANDED_OVER", evidence: expect.not.stringContaining("until") });
  });

  it("of an MDM claims for itself, and is not asked", () => {
    const token = { health, authority: TokenAuthority.TARGET };
    expect(told(sampleFacts({ installation: { state: S.REQUESTED }, token }))).toHaveLength(2);
  });

  it("that is being removed says so", () => {
    const facts = sampleFacts({ installation: { state: S.REQUESTED }, token: { removingAt: at(3) } });
    expect(told(facts)).toContainEqual(["TOKEN_BEING_REMOVED", "ADMIN"]);
  });
});

describe("what is asked of Apple", () => {
  const operation = {
    intent: AppleOperationIntent.ASSOCIATE,
    attempts: 2,
    forgivenAttempts: 0,
    nextAttemptAt: at(21),
    eventId: "event-1",
    lastError: null,
    createdAt: at(7),
  };
  const OPERATIONS: Readonly<Record<O, Told>> = {
    PENDING: ["OPERATION_UNDER_WAY", "ALLOTMENT"],
    SENDING: ["OPERATION_UNDER_WAY", "APPLE"],
    SENT: ["OPERATION_UNDER_WAY", "APPLE"],
    UNKNOWN: ["OPERATION_UNDER_WAY", "ALLOTMENT"],
    PAUSED: ["OPERATION_PAUSED", "ADMIN"],
    DONE: ["OPERATION_UNDER_WAY", "ALLOTMENT"],
    FAILED: ["OPERATION_FAILING", "ADMIN"],
    ABANDONED: ["OPERATION_ABANDONED", "ADMIN"],
  };

  it.each(Object.entries(OPERATIONS) as [O, Told][])(
    "is told in %s, with its attempts and the next one",
    (state, expected) => {
      const license = { state: LicenseState.CLAIMING, holderKey: "C02X", startedAt: at(7), assignedAt: null };
      const chain = explainInstallation(
        sampleFacts({ installation: { state: S.CLAIMING }, license, operation: { ...operation, state } }),
      );
      const link = chain.at(-1);
      expect([link?.cause, link?.whoHasToAct]).toEqual(expected);
      expect(link?.evidence).toMatch(/after 2 attempts; next looked at 2026-01-21/);
      expect(link?.since).toEqual(at(7));
    },
  );

  it.each([
    [2, "APPLE"],
    [5, "ADMIN"],
  ] as const)("names its last error; after %i attempts the next step is with %s", (attempts, whoHasToAct) => {
    const failing = { ...operation, state: O.PENDING, attempts, lastError: "9603" };
    const chain = explainInstallation(sampleFacts({ installation: { state: S.CLAIMING }, operation: failing }));
    expect(chain.at(-1)).toMatchObject({
      cause: "OPERATION_FAILING",
      whoHasToAct,
      evidence: expect.stringContaining("Last error: 9603."),
    });
  });
});

describe("the target", () => {
  it("that has the order is quoted with what it reports, and when it is asked again", () => {
    const installation = {
      state: S.INSTALLING,
      handle: "h",
      observedState: "pending",
      observedAt: at(6),
      nextLookAt: at(21),
      deadlineAt: at(12),
    };
    const chain = explainInstallation(sampleFacts({ installation }));
    expect(chain.at(-1)).toMatchObject({ cause: "HANDED_OVER", whoHasToAct: "TARGET", since: at(5) });
    for (const part of [
      'last reported "pending" at 2026-01-06',
      "heard from the device at 2026-01-18",
      "until 2026-01-12",
    ]) {
      expect(chain.at(-1)?.evidence).toContain(part);
    }
  });

  it.each([S.LICENSED, S.REMOVING, S.INSTALLING])("is told in %s at no moment that has passed", (state) => {
    const chain = explainInstallation(sampleFacts({ installation: { state, nextLookAt: at(19) } }));
    expect(chain.find(({ cause }) => cause === "NOT_HANDED_OVER")?.nextAction).toBe("It is told by itself.");
    const later = explainInstallation(sampleFacts({ installation: { state, nextLookAt: at(21) } }));
    expect(later.find(({ cause }) => cause === "NOT_HANDED_OVER")?.nextAction).toContain("at 2026-01-21");
  });

  it.each([
    [
      "is left alone",
      { target: { failures: 3, openedAt: at(19), pausedUntil: at(21), lastError: "No answer came." } },
      ["TARGET_PAUSED", "TARGET"],
    ],
    ["has no APNs certificate", { target: { apnsState: ApnsState.MISSING } }, ["APNS_NOT_VALID", "ADMIN"]],
    ["has one that has expired since", { target: { apnsExpiresAt: at(19) } }, ["APNS_NOT_VALID", "ADMIN"]],
    ["has not made the app yet", { application: { readyAt: null } }, ["APPLICATION_NOT_READY", "TARGET"]],
    [
      "could not make the app",
      { application: { readyAt: null, lastError: "No." } },
      ["APPLICATION_NOT_READY", "ADMIN"],
    ],
  ] as const)("that %s is told after the order", (_, changes, link) => {
    expect(told(sampleFacts({ ...changes, installation: { state: S.LICENSED } })).at(-1)).toEqual(link);
  });

  it("whose pause is over is not blamed", () => {
    expect(told(sampleFacts({ installation: { state: S.LICENSED }, target: { pausedUntil: at(19) } }))).toHaveLength(2);
  });
});

it("tells of a device that goes on with the licence of its former user", () => {
  const installation = { state: S.WAITING_FOR_USER, reason: R.INVITATION_OPEN };
  const formerLicense = { holderKind: HolderKind.USER, holderKey: "client-7", startedAt: at(2) };
  const chain = explainInstallation(sampleFacts({ installation, formerLicense }));
  expect(chain.map(({ cause }) => cause)).toEqual(["WANTED", "FORMER_LICENSE", "INVITATION_OPEN"]);
  expect(chain[1]?.evidence).toContain("client-7");
});

it("tells of a device that goes on with the licence of a deployment that has left it the app", () => {
  const formerLicense = { holderKind: HolderKind.DEVICE, holderKey: "C02X", startedAt: at(2) };
  const chain = explainInstallation(sampleFacts({ installation: { state: S.REQUESTED }, formerLicense }));
  expect(chain.map(({ cause }) => cause)).toEqual(["WANTED", "FORMER_LICENSE", "LICENSING"]);
  expect(chain[1]?.evidence).toContain("C02X");
});

it("names the licence that an app has, and when it was seen on the device", () => {
  const license = { state: LicenseState.HELD, holderKey: "C02X", startedAt: at(2), assignedAt: at(3) };
  const chain = explainInstallation(
    sampleFacts({ installation: { observedState: "installed", observedAt: at(4) }, license }),
  );
  expect(chain.map(({ cause, since }) => [cause, since])).toEqual([
    ["WANTED", at(1)],
    ["LICENSED", at(3)],
    ["INSTALLED", at(5)],
  ]);
  expect(chain.at(-1)?.evidence).toContain("2026-01-04");
});
