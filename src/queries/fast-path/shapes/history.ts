import { StoreApp } from "../../../entities/store-app.js";
import { forecastPeriod, forecastSql } from "../../license-forecast.js";
import { dailyCountsSql, periodOf } from "../../license-history.js";
import { argumentsOf } from "../compilation.js";
import { FAIL_SQL, type Json } from "../json-text.js";
import { keyIn, listFrom, objectOf, ofRow } from "../objects.js";
import type { FieldJson, Place } from "../shape.js";
import type { Late } from "../template.js";

const asked = (row: string) => `(SELECT ${row}.token_id, ${row}.id, 1 AS ordinal) AS app`;

/** An app's counts, day by day. */
export const historyOfApp: FieldJson = (place) => historyJson(place, place.row);

/** The same for the app in an argument. */
export const licenseHistory: FieldJson = (place) => {
  const text = ofRow(place, StoreApp, keyIn(place, StoreApp, "storeApp"), (row) => historyJson(place, row));
  return [{ sql: ["COALESCE(", ...text, `, ${FAIL_SQL})`] }];
};

function historyJson(place: Place, row: string): Json {
  const args = argumentsOf(place);
  const days: Late = (call) => {
    const { from: first, to: last } = args(call) as { from: Date; to?: Date | null };
    const { from, to } = periodOf(first, last, call.facts.now());
    const period = { from: call.bind(from, "timestamptz"), to: call.bind(to, "timestamptz") };
    return dailyCountsSql({ apps: asked(row), ...period });
  };
  return listFrom(place, days, "day");
}

/** When an app's licences run out, as things go. */
export const forecast: FieldJson = objectOf((row, { facts, bind }) => {
  const now = facts.now();
  const { from, to } = forecastPeriod(now);
  const period = { from: bind(from, "timestamptz"), to: bind(to, "timestamptz") };
  return forecastSql({ apps: asked(row), ...period, now: bind(now, "timestamptz") });
});
