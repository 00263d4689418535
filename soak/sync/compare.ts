import { UNLIMITED_COUNT } from "../../simulators/apple/asset.js";
import type { OurSide } from "../our-side.js";
import type { AppleTruth } from "./apple-side.js";

interface AppRow {
  readonly app: string;
  readonly total: number;
  readonly assigned: number;
  readonly available: number;
  readonly retired: number;
}

/**
 * Where Apple's data of a location and ours are not equal, row by row; nothing when they are.
 * @param location Apple's `uId` of it.
 */
export async function compare(location: string, truth: AppleTruth, ours: OurSide): Promise<string[]> {
  return [
    ...(await compareApps(location, truth, ours)),
    ...(await compareHoldings(location, truth, ours)),
    ...(await compareUsers(location, truth, ours)),
  ];
}

const OF_LOCATION = "token_id = (SELECT id FROM token WHERE location_id = $1)";

/** What is left of an app without a bound is no count: the service keeps none. */
function countsOf({ total, assigned, available, retired }: Omit<AppRow, "app">): string {
  return JSON.stringify({ total, assigned, available: total === UNLIMITED_COUNT ? null : available, retired });
}

async function compareApps(location: string, { apps }: AppleTruth, ours: OurSide): Promise<string[]> {
  const rows = await ours.rows<AppRow>(
    `SELECT adam_id || ':' || pricing_param AS app, total_count AS total, assigned_count AS assigned,
            available_count AS available, retired_count AS retired
     FROM store_app WHERE ${OF_LOCATION} AND unlisted_at IS NULL`,
    [location],
  );
  const stored = new Map(rows.map(({ app, ...counts }) => [app, countsOf(counts)]));
  const told = new Map([...apps].map(([app, counts]) => [app, countsOf(counts)]));
  return differences("app", told, stored);
}

async function compareHoldings(location: string, { assignments }: AppleTruth, ours: OurSide): Promise<string[]> {
  const rows = await ours.rows<{ place: string; state: string }>(
    `SELECT app.adam_id || ':' || app.pricing_param || ' ' || license.holder_kind || ':' || license.holder_key AS place, state
     FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
     WHERE license.${OF_LOCATION} AND license.ended_at IS NULL`,
    [location],
  );
  const stored = new Map(rows.map(({ place, state }) => [place, state]));
  const told = new Map(assignments.map(({ app, holder }) => [`${app} ${holder}`, "HELD"]));
  return differences("holding", told, stored);
}

async function compareUsers(location: string, { users }: AppleTruth, ours: OurSide): Promise<string[]> {
  const rows = await ours.rows<{ id: string; status: string }>(
    `SELECT client_user_id AS id, status FROM apple_user
     WHERE ${OF_LOCATION} AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')`,
    [location],
  );
  return differences("registration", users, new Map(rows.map(({ id, status }) => [id, status])));
}

function differences(what: string, told: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): string[] {
  const keys = [...new Set([...told.keys(), ...stored.keys()])].sort();
  return keys
    .filter((key) => told.get(key) !== stored.get(key))
    .map((key) => `${what} ${key}: Apple has ${told.get(key) ?? "none"}, we have ${stored.get(key) ?? "none"}`);
}
