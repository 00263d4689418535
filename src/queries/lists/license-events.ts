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
interface LicenseEvent {
  readonly kind: "STARTED" | "ENDED";
  readonly at: Date;
  readonly cause: LicenseCause;
  readonly actor: string;
  readonly license: License;
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

const STARTED = 0;
const ENDED = 1;

/** The ledger read as a history: each License gives one row, or two once it has ended. */
export const licenseEventList: List<LicenseEvent, LicenseEventFilter, never> = {
  name: "licenseEventList",
  from: [
    `(SELECT license.*, started_at AS at, start_cause AS cause, ${STARTED} AS step FROM license)`,
    `(SELECT license.*, ended_at AS at, end_cause AS cause, ${ENDED} AS step FROM license WHERE ended_at IS NOT NULL)`,
  ],
  scope: withToken,
  key: [...TOKEN_SCOPED_KEY, { name: "step", type: "integer" }],
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    device: (device) => refersTo(byDevice, Device, device),
    kind: (kind) => equals("step", kind === "STARTED" ? STARTED : ENDED, "integer"),
    cause: (causes) => isAmong("cause", causes),
    since: (moment) => isSince("at", moment),
    before: (moment) => isBefore("at", moment),
  },
  orders: {},
  defaultOrder: { column: { name: "at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => {
    const license = hydrate(db, License, raw);
    const started = raw.step === STARTED;
    return {
      kind: started ? "STARTED" : "ENDED",
      at: raw.at as Date,
      cause: raw.cause as LicenseCause,
      actor: (started ? license.startActor : license.endActor) ?? "",
      license,
    };
  },
};
