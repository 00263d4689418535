import { startPostgres } from "../support/postgres.js";
import { say } from "../support/say.js";
import { type Asked, compare } from "./compare.js";
import { installPeers } from "./install-peers.js";
import { type Loaded, measureRounds, prepareLoad } from "./measure.js";
import type { Operation } from "./operations/operation.js";
import { readOptions } from "./options.js";
import { figures } from "./result.js";
import { createScene } from "./scene.js";
import { readSubjects } from "./subjects.js";
import { judge, sayVerdict } from "./verdict.js";
import { requireWrk } from "./wrk.js";

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
  const scene = await createScene(postgres, node, options);
  try {
    const subjects = await readSubjects(scene.session);
    const bytes = new Map<Operation, number>();
    const loads = new Map<Operation, Loaded[]>();
    for (const operation of options.operations) {
      const asked: Asked[] = [];
      for (const peer of scene.peers) asked.push({ peer, requests: await peer.requests(operation, subjects) });
      const sizes = await compare(operation, asked);
      say(`${operation.name}: the same data, ${sizes.join(", ")} bytes a request`);
      bytes.set(operation, sizes[0] ?? 0);
      loads.set(operation, await Promise.all(asked.map((one) => prepareLoad(one, operation.name, postgres.directory))));
    }
    const result = { operations: figures(bytes, await measureRounds(loads, options)) };
    sayVerdict(Object.entries(result.operations).flatMap(([name, one]) => judge(name, one)));
    say(`\n${JSON.stringify(result)}`);
  } finally {
    await scene.stop();
  }
} finally {
  await postgres.stop();
}
