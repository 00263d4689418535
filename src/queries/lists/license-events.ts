import { Device } from "../../entities/device.js";
import { License, type LicenseCause } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byDevice, byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { equals, isAmong, isBefore, isSince } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

/** A holding's start or end. */
export interface LicenseEvent {
  readonly kind: LicenseEventKind;
  readonly at: Date;
  readonly cause: LicenseCause;
  readonly actor: string;
  readonly license: License;
  /** Of what is told live: since when others were left out before this one, if any were. */
  readonly leftOutSince?: Date;
}

interface LicenseEventFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly device?: string | null;
  readonly kind?: LicenseEvent["kind"] | null;
  readonly cause?: readonly LicenseCause[] | null;
  readonly since?: Date | null;
  readonly before?: Date | null;
}

export type LicenseEventKind = "STARTED" | "ENDED";

/** By which the start and the end of one holding are told apart. */
export const LICENSE_EVENT_STEP = { STARTED: 0, ENDED: 1 } as const;

/** The ledger read as a history: each License gives one row, or two once it has ended. */
export const licenseEventList: List<LicenseEvent, LicenseEventFilter, never> = {
  name: "licenseEventList",
  from: [
    `(SELECT license.*, started_at AS at, start_cause AS cause, ${LICENSE_EVENT_STEP.STARTED} AS step FROM license)`,
    `(SELECT license.*, ended_at AS at, end_cause AS cause, ${LICENSE_EVENT_STEP.ENDED} AS step FROM license WHERE ended_at IS NOT NULL)`,
  ],
  scope: withToken,
  key: [...TOKEN_SCOPED_KEY, { name: "step", type: "integer" }],
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    device: (device) => refersTo(byDevice, Device, device),
    kind: (kind) => equals("step", LICENSE_EVENT_STEP[kind], "integer"),
    cause: (causes) => isAmong("cause", causes),
    since: (moment) => isSince("at", moment),
    before: (moment) => isBefore("at", moment),
  },
  orders: {},
  defaultOrder: { column: { name: "at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => {
    const kind = raw.step === LICENSE_EVENT_STEP.STARTED ? "STARTED" : "ENDED";
    return licenseEvent(hydrate(db, License, raw), kind);
  },
};

/** The start of a holding, or its end, which has to have come. */
export function licenseEvent(license: License, kind: LicenseEventKind): LicenseEvent {
  const { startedAt, startCause, startActor, endedAt, endCause, endActor } = license;
  if (kind === "STARTED") return { kind, at: startedAt, cause: startCause, actor: startActor, license };
  return { kind, at: endedAt ?? startedAt, cause: endCause ?? startCause, actor: endActor ?? "", license };
}

/** Its holding's primary key, and the step. */
export function licenseEventKey({ kind, license }: LicenseEvent): readonly string[] {
  return [license.tokenId, license.id, String(LICENSE_EVENT_STEP[kind])];
}
