import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { say } from "../support/say.js";

const LOOK_EVERY_MS = 200;

/** A stage is over when no installation is in its state any more, nor in one before. */
const STAGES = [
  { state: "REQUESTED", told: "licences claimed here" },
  { state: "CLAIMING", told: "claims confirmed by Apple" },
  { state: "LICENSED", told: "the target told" },
  { state: "INSTALLING", told: "seen as installed" },
] as const;

/** What has been spent up to a moment. */
interface Spent {
  readonly seconds: number;
  readonly serviceCpuSeconds: number;
  readonly walBytes: number;
}

/** Waits until all are installed, and tells at the end of each stage what was spent until then. */
export async function followStages(
  session: pg.Client,
  devices: number,
  serviceCpuSeconds: () => Promise<number>,
): Promise<void> {
  const start = performance.now();
  const [cpuBefore, walBefore] = [await serviceCpuSeconds(), await writtenLog(session)];
  const spent = async (): Promise<Spent> => ({
    seconds: (performance.now() - start) / 1000,
    serviceCpuSeconds: (await serviceCpuSeconds()) - cpuBefore,
    walBytes: (await writtenLog(session)) - walBefore,
  });
  for (const [at, { told }] of STAGES.entries()) {
    const states = STAGES.slice(0, at + 1).map(({ state }) => state);
    while (await anyIn(session, states)) await sleep(LOOK_EVERY_MS);
    sayStage(told, await spent());
  }
  const { rows } = await session.query<{ state: string; count: number }>(
    "SELECT state, count(*)::int AS count FROM installation GROUP BY state",
  );
  const installed = rows.find(({ state }) => state === "INSTALLED")?.count ?? 0;
  if (installed !== devices) throw new Error(`Not all ${devices} were installed: ${JSON.stringify(rows)}`);
}

/** By the index of the deployment's states: a look costs nothing beside what is measured. */
async function anyIn(session: pg.Client, states: readonly string[]): Promise<boolean> {
  const { rows } = await session.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM installation JOIN deployment ON deployment.token_id = installation.token_id
                    AND deployment.id = installation.deployment_id WHERE installation.state = ANY($1)) AS any`,
    [states],
  );
  return rows[0]?.any ?? false;
}

async function writtenLog(session: pg.Client): Promise<number> {
  const { rows } = await session.query<{ bytes: string }>("SELECT pg_current_wal_lsn() - '0/0' AS bytes");
  return Number(rows[0]?.bytes);
}

function sayStage(told: string, { seconds, serviceCpuSeconds, walBytes }: Spent): void {
  const mebibytes = Math.round(walBytes / 1024 / 1024);
  say(
    `  until ${told}: ${seconds.toFixed(2)} s, service ${serviceCpuSeconds.toFixed(1)} s of CPU, ${mebibytes} MiB of log`,
  );
}
