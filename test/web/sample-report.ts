import { InstallationState } from "../../src/entities/installation.js";
import { type StoreApp, UNLIMITED } from "../../src/entities/store-app.js";
import { type Token, TokenHealthState } from "../../src/entities/token.js";
import { SampleRows } from "../http/sample-rows.js";
import type { TestApi } from "../http/start-api.js";

const DAY_MS = 24 * 60 * 60_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/** Apps of the head office beside the five that have a story. */
const PLAIN_APPS = 55;

/** A name without a place to break it. */
export const LONG_NAME = "Unterrichtsvorbereitungsmaterialsammlungsverwaltungsprogramm";
/** A name that is read from right to left. */
export const HEBREW_NAME = "מחשבון";

export interface SampleReport {
  readonly rows: SampleRows;
  readonly office: Token;
  /** Of 40 licences 38 are in use, and each day half a one more. */
  readonly scarce: StoreApp;
}

/** Three tokens, one of which is locked, and sixty apps, one of which runs short. */
export async function writeSampleReport({ dataSource }: TestApi): Promise<SampleReport> {
  const rows = new SampleRows(dataSource);
  const office = await rows.token({
    name: "Head office",
    organization: "Example Ltd",
    locationName: "London",
    expiresAt: inDays(200),
    lastSyncAt: inDays(-0.1),
  });
  await rows.token({
    name: "North",
    organization: LONG_NAME,
    expiresAt: inDays(20),
    health: {
      state: TokenHealthState.EXPIRING,
      cause: "It expires in 20 days.",
      since: inDays(-10),
      evidence: null,
      remedy: "Download it again at Apple Business, then renewToken.",
    },
  });
  const locked = await rows.token({
    name: "South",
    expiresAt: inDays(100),
    health: {
      state: TokenHealthState.REVOKED,
      cause: "Apple has revoked this file (9625).",
      since: inDays(-1),
      evidence: "9625",
      remedy: "Upload the newer file with renewToken.",
    },
  });
  for (let at = 0; at < PLAIN_APPS; at += 1) {
    const used = (at * 7) % 50;
    const counts = { totalCount: 50, assignedCount: used, heldCount: used, availableCount: 50 - used };
    await rows.storeApp(office, { name: `Plain app ${`${at}`.padStart(2, "0")}`, ...counts });
  }
  await rows.storeApp(locked, { name: "<img src=x onerror=alert(1)>", totalCount: 5, availableCount: 5 });
  await rows.storeApp(office, { name: "Free for all", totalCount: UNLIMITED, availableCount: UNLIMITED });
  await rows.storeApp(office, { name: LONG_NAME, totalCount: 12, availableCount: 9, retiredCount: 3 });
  await rows.storeApp(office, { name: HEBREW_NAME, totalCount: 2, assignedCount: 1, heldCount: 1, availableCount: 1 });
  const scarce = await rows.storeApp(office, {
    name: "Scarce app",
    totalCount: 40,
    assignedCount: 38,
    heldCount: 40,
    availableCount: 0,
  });
  await writeHistory(dataSource, scarce);
  await waitFor(rows, scarce, 3);
  return { rows, office, scarce };
}

/** Half a licence more a day, up to today. */
async function writeHistory(dataSource: TestApi["dataSource"], app: StoreApp): Promise<void> {
  await dataSource.query(
    "INSERT INTO snapshot_day SELECT current_date - ago FROM generate_series(0, 80) AS ago ON CONFLICT DO NOTHING",
  );
  await dataSource.query(
    `INSERT INTO count_snapshot
       (token_id, store_app_id, day, total_count, assigned_count, retired_count, held_count, free_count, waiting_count)
     SELECT $1, $2, current_date - ago, CASE WHEN ago > 45 THEN 30 ELSE 40 END, 38 - ago / 4, 0, 40 - ago / 4, ago / 4,
            CASE WHEN ago < 6 THEN 3 - ago / 2 ELSE 0 END
     FROM generate_series(0, 80) AS ago`,
    [app.tokenId, app.id],
  );
}

async function waitFor(rows: SampleRows, app: StoreApp, count: number): Promise<void> {
  const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
  for (let at = 0; at < count; at += 1) {
    const { id: deviceId } = await rows.device();
    await rows.installation(deployment, { deviceId, state: InstallationState.WAITING_FOR_LICENSE });
  }
}
