import { join } from "node:path";
import { type BenchPostgres, startPostgres } from "../support/postgres.js";
import { startApple } from "../support/processes.js";
import { say } from "../support/say.js";
import { compareAll } from "./compare.js";
import { readMeanwhile } from "./data/sizes.js";
import { measureDeepPages } from "./deep-pages.js";
import { measureDuringSync } from "./during-sync.js";
import { installPeers } from "./install-peers.js";
import { measureRounds } from "./measure-rounds.js";
import { readOptions } from "./options.js";
import { figures } from "./result.js";
import { createScene, type Scene } from "./scene.js";
import { sayVerdict } from "./verdict.js";
import { requireWrk } from "./wrk.js";

/** Nobody listens there: questions do without Apple. */
const NO_APPLE = "http://127.0.0.1:9/mdm/v2";

const options = readOptions(process.argv.slice(2));
say(
  "Puts six questions to the service, to PostGraphile 5 and to a bare server that passes on what one SQL statement gives, and\n" +
    "counts their processors' time a request. One PostgreSQL, pools of 10, one Node 22; only the service asks who calls.",
);
await requireWrk();
const node = await installPeers();
const postgres = await startPostgres();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void postgres.stop().finally(() => process.exit(1)));
}
try {
  await measureAll(postgres);
} finally {
  await postgres.stop();
}

async function measureAll(database: BenchPostgres): Promise<void> {
  const tokenFile = join(database.directory, "query.token");
  const apple = options.further ? await startApple(readMeanwhile(options.sizes), tokenFile) : null;
  try {
    const scene = await createScene(database, node, options, apple?.baseUrl ?? NO_APPLE);
    try {
      await measure(scene, database.directory, tokenFile);
    } finally {
      await scene.stop();
    }
  } finally {
    await apple?.stop();
  }
}

async function measure(scene: Scene, directory: string, tokenFile: string): Promise<void> {
  const compared = await compareAll(scene, options.operations, directory);
  const costs = await measureRounds(compared, options);
  const result = { operations: figures(compared, costs), ...(options.further ? await further() : {}) };
  sayVerdict(result);
  say(`\n${JSON.stringify(result)}`);

  async function further() {
    const [ours] = scene.peers;
    if (ours?.name !== "ours") throw new Error("--further is about the service: let it be among the peers.");
    return {
      deepPages: await measureDeepPages(ours, directory),
      duringSync: await measureDuringSync(scene, ours, tokenFile, compared, costs),
    };
  }
}
