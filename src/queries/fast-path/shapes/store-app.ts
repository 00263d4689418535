import { AlertKind } from "../../../entities/alert.js";
import { Application } from "../../../entities/application.js";
import { Collection } from "../../../entities/collection.js";
import { Reservation } from "../../../entities/reservation.js";
import { StockChange } from "../../../entities/stock-change.js";
import { freeSql, StoreApp, UNLIMITED } from "../../../entities/store-app.js";
import { Target } from "../../../entities/target.js";
import { Token } from "../../../entities/token.js";
import { byStoreApp } from "../../columns.js";
import { globalIdSql } from "../../global-id-sql.js";
import { applicationList } from "../../lists/applications.js";
import { deploymentList } from "../../lists/deployments.js";
import { licenseList } from "../../lists/licenses.js";
import { reservationList } from "../../lists/reservations.js";
import { stockChangeList } from "../../lists/stock-changes.js";
import { quotasSql } from "../../quotas.js";
import { related } from "../connection-json.js";
import { lateValue, one, same, value } from "../objects.js";
import type { Shape } from "../shape.js";
import type { Call } from "../template.js";
import { forecast, historyOfApp } from "./history.js";

const isUnlimited = (row: string) => `${row}.total_count = ${UNLIMITED}`;
const unlessUnlimited = (row: string, sql: string) => `CASE WHEN NOT ${isUnlimited(row)} THEN ${sql} END`;
const freeOrNull = (row: string) => unlessUnlimited(row, freeSql(row));
const waiting = (row: string) => `(SELECT count(*) FROM installation WHERE token_id = ${row}.token_id
  AND store_app_id = ${row}.id AND state = 'WAITING_FOR_LICENSE')`;

/** Store apps, and what is kept, changed and reported of their licences. */
export const storeAppShapes: Readonly<Record<string, Shape>> = {
  StoreApp: {
    entity: StoreApp,
    fields: {
      applications: related(applicationList, byStoreApp),
      availableCount: value((row) => unlessUnlimited(row, `${row}.available_count`)),
      deployments: related(deploymentList, byStoreApp),
      forecast,
      freeCount: value(freeOrNull),
      licenseHistory: historyOfApp,
      licenses: related(licenseList, byStoreApp),
      reservations: related(reservationList, byStoreApp),
      reservedCount: lateValue((row, call) => ofQuotas(row, `${row}.id`, call, "COALESCE(sum(quota.unfilled), 0)")),
      stockChanges: related(stockChangeList, byStoreApp),
      token: one(Token, "token_id"),
      totalCount: value((row) => `NULLIF(${row}.total_count, ${UNLIMITED})`),
      unlimited: value(isUnlimited),
      waiting: value(waiting),
      warning: value(warningSql),
    },
  },
  LicenseReportRow: {
    fields: {
      adamId: value((row) => `${row}.adam_id`),
      assigned: value((row) => `${row}.assigned_count`),
      bought: value((row) => `NULLIF(${row}.total_count, ${UNLIMITED})`),
      countsAt: value((row) => `${row}.counts_at`),
      free: value(freeOrNull),
      held: value((row) => `${row}.held_count`),
      name: value((row) => `${row}.name`),
      retired: value((row) => `${row}.retired_count`),
      storeApp: same,
      token: one(Token, "token_id"),
      unlimited: value(isUnlimited),
      waiting: value(waiting),
    },
  },
  LicenseTotals: {
    fields: Object.fromEntries(
      ["apps", "assigned", "bought", "free", "held", "retired", "waiting"].map((name) => [
        name,
        value((row) => `${row}.${name}`),
      ]),
    ),
  },
  LicenseForecast: {
    fields: {
      basedOnDays: value((row) => `${row}."basedOnDays"`),
      endsAt: value((row) => `${row}."endsAt"`),
      perDay: value((row) => `${row}."perDay"`),
    },
  },
  LicenseHistoryDay: {
    fields: Object.fromEntries(
      ["assigned", "bought", "day", "free", "held", "retired", "waiting"].map((name) => [
        name,
        value((row) => `${row}.${name}`),
      ]),
    ),
  },
  StockChange: {
    entity: StockChange,
    fields: {
      storeApp: one(StoreApp, "token_id", "store_app_id"),
      totalAfter: value((row) => `NULLIF(${row}.total_after, ${UNLIMITED})`),
      totalBefore: value((row) => `NULLIF(${row}.total_before, ${UNLIMITED})`),
    },
  },
  Application: {
    entity: Application,
    fields: { storeApp: one(StoreApp, "token_id", "store_app_id"), target: one(Target, "target_id") },
  },
  Reservation: {
    entity: Reservation,
    fields: {
      collection: one(Collection, "collection_id"),
      storeApp: one(StoreApp, "token_id", "store_app_id"),
      unfilledCount: lateValue((row, call) => ofQuota(row, call, "unfilled")),
      usedCount: lateValue((row, call) => ofQuota(row, call, "used")),
    },
  },
};

/** Something of the quotas of an app. */
function ofQuotas(row: string, storeAppId: string, { facts, bind }: Call, what: string, where = ""): string {
  const quotas = quotasSql(bind(facts.now(), "timestamptz"));
  return `(SELECT ${what} FROM (SELECT ${row}.token_id, ${storeAppId} AS id) AS app
           CROSS JOIN LATERAL (${quotas}) AS quota ${where})`;
}

function ofQuota(row: string, call: Call, column: string): string {
  const own = ofQuotas(row, `${row}.store_app_id`, call, `quota.${column}`, `WHERE quota."reservationId" = ${row}.id`);
  return `COALESCE(${own}, 0)`;
}

function warningSql(row: string): string {
  return `(SELECT alert.message FROM alert WHERE alert.kind = '${AlertKind.COUNT_MISMATCH}' AND alert.cleared_at IS NULL
    AND alert.subject = ${globalIdSql(StoreApp.name, `${row}.token_id`, `${row}.id`)} LIMIT 1)`;
}
