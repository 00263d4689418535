import { startPostgres } from "../support/postgres.js";
import { say } from "../support/say.js";
import { type DeltaFigures, measureAtApplesRate, measureDeltasAt, measureLifted } from "./measure.js";
import { LEAST_APPS, readOptions } from "./options.js";

/** Deltas are measured at this part of the size, too, with as many holders an app. */
const SMALLER = 10;

const options = readOptions(process.argv.slice(2));
const { assignments, apps } = options;
say(
  `Synchronises ${assignments} assignments in ${apps} apps from the simulator over HTTP, 1000 rows a page, into an embedded\n` +
    "PostgreSQL with the settings it always has. Service, simulator and PostgreSQL are processes of their own. Limits: full\n" +
    "2.5, unchanged 1.2 (both times COPY), atAppleRate 1.1 (times pages / 15 s), deltas 2 s, memory of the service 350 MiB.",
);
const postgres = await startPostgres();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void postgres.stop().finally(() => process.exit(1)));
}
try {
  const lifted = await measureLifted(postgres, options);
  const limited = await measureAtApplesRate(postgres, options);
  const smaller = await measureDeltasAt(postgres, {
    apps: Math.max(LEAST_APPS, Math.ceil(apps / SMALLER)),
    assignments: Math.ceil(assignments / SMALLER),
  });
  const result = {
    ratios: { full: round(lifted.full), unchanged: round(lifted.unchanged), atAppleRate: round(limited.ratio) },
    deltaSeconds: { ...rounded(lifted.deltas), atATenth: rounded(smaller) },
    unchangedWalBytes: lifted.unchangedWalBytes,
    peakRssMiB: Math.round(Math.max(lifted.peakRssMiB, limited.peakRssMiB)),
  };
  say(`\n${JSON.stringify(result)}`);
} finally {
  await postgres.stop();
}

function rounded({ additions, removals, removalsSpread }: DeltaFigures): DeltaFigures {
  return { additions: round(additions), removals: round(removals), removalsSpread: round(removalsSpread) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
