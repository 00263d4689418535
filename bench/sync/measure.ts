import type pg from "pg";
import type { BenchPostgres } from "../support/postgres.js";
import { say } from "../support/say.js";
import { addAtApple, removeAtApple } from "./changes.js";
import { measureCopy } from "./copy-baseline.js";
import type { EndedRun } from "./ended-run.js";
import type { Options } from "./options.js";
import { sayRun } from "./say-run.js";
import { createScene, type Scene } from "./scene.js";

const CHANGES = 1000;
const FEW_APPS = 5;
const APPLES_RATE = 15;

export interface LiftedFigures {
  readonly full: number;
  readonly unchanged: number;
  readonly unchangedWalBytes: number;
  readonly deltas: DeltaFigures;
  readonly peakRssMiB: number;
}

/** Seconds of a DELTA. */
export interface DeltaFigures {
  readonly additions: number;
  readonly removals: number;
  readonly removalsSpread: number;
}

/** Full and unchanged synchronisations against COPY, and deltas, with the rate limit lifted. */
export async function measureLifted(postgres: BenchPostgres, options: Options): Promise<LiftedFigures> {
  return inScene(postgres, "lifted", options, false, async (scene) => {
    const full = sayRun("a full synchronisation into an empty ledger", await scene.addToken());
    const copy = await measureCopy(scene.session, postgres.directory);
    say(`COPY of the same rows into copies of store_app, apple_user and license: ${copy.toFixed(2)} s`);
    const before = await writtenLog(scene.session);
    const unchanged = sayRun("a full synchronisation that finds nothing changed", await scene.syncFull());
    const unchangedWalBytes = (await writtenLog(scene.session)) - before;
    say(`  WAL: ${unchangedWalBytes} bytes`);
    return {
      full: full.seconds / copy,
      unchanged: unchanged.seconds / copy,
      unchangedWalBytes,
      deltas: await measureDeltas(scene, options),
      peakRssMiB: await scene.peakRssMiB(),
    };
  });
}

/** The same deltas at another size: they must not grow with the ledger. */
export async function measureDeltasAt(postgres: BenchPostgres, options: Options): Promise<DeltaFigures> {
  return inScene(postgres, "smaller", options, false, async (scene) => {
    sayRun("a full synchronisation into an empty ledger", await scene.addToken());
    return measureDeltas(scene, options);
  });
}

/** A full synchronisation into an empty ledger while Apple takes 15 requests a second, against the time they need. */
export async function measureAtApplesRate(
  postgres: BenchPostgres,
  options: Options,
): Promise<{ ratio: number; peakRssMiB: number }> {
  return inScene(postgres, "limited", options, true, async (scene) => {
    const run = sayRun(`a full synchronisation at ${APPLES_RATE} requests a second`, await scene.addToken());
    return { ratio: run.seconds / (run.pages / APPLES_RATE), peakRssMiB: await scene.peakRssMiB() };
  });
}

async function measureDeltas(scene: Scene, { apps }: Options): Promise<DeltaFigures> {
  await addAtApple(scene, CHANGES, FEW_APPS);
  const additions = expectChanged(sayRun(`a delta of ${CHANGES} additions`, await scene.syncDelta()), "added");
  await removeAtApple(scene, CHANGES, FEW_APPS);
  const removals = expectChanged(
    sayRun(`a delta of ${CHANGES} removals in ${FEW_APPS} apps`, await scene.syncDelta()),
    "ended",
  );
  await removeAtApple(scene, CHANGES, apps);
  const spread = sayRun(`a delta of ${CHANGES} removals spread over all apps`, await scene.syncDelta());
  return { additions, removals, removalsSpread: spread.seconds };
}

/** A time is one only of a run that has done the work. */
function expectChanged(run: EndedRun, what: "added" | "ended"): number {
  if (run[what] !== CHANGES) throw new Error(`The delta brought ${run[what]} of ${CHANGES} changes`);
  return run.seconds;
}

async function inScene<Result>(
  postgres: BenchPostgres,
  name: string,
  options: Options,
  limited: boolean,
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  say(`\n${options.assignments} assignments in ${options.apps} apps, rate limit ${limited ? "on" : "lifted"}`);
  const scene = await createScene(postgres, name, options, limited);
  try {
    return await work(scene);
  } finally {
    await scene.stop();
  }
}

async function writtenLog(session: pg.Client): Promise<number> {
  const { rows } = await session.query<{ bytes: string }>("SELECT pg_current_wal_lsn() - '0/0' AS bytes");
  return Number(rows[0]?.bytes);
}
