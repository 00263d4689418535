import { createHash, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startAppleSimulator } from "../simulators/apple/start-apple-simulator.js";
import { readConfig } from "../src/config.js";
import { readIfPresent } from "../src/private-file.js";
import { startService } from "../src/server.js";
import { connectApi } from "./api.js";
import { say } from "./progress.js";
import { tellStory } from "./story.js";

const { values } = parseArgs({ options: { exit: { type: "boolean", default: false } } });

/** Durations in the demo are so many times shorter: thirty seconds between two looks at Apple are half a second. */
const TIME_SCALE = "60";
const SEEDS = 46_656;

const seed = randomInt(1, SEEDS);
const dataDirectory = await mkdtemp(join(tmpdir(), "allotment-demo-"));
const apple = await startAppleSimulator({ apps: 9, licenses: 400, seed, domain: "allotment.example" });
say(`An Apple simulator stands at ${apple.baseUrl}`);

const service = await startService(readConfig(environment())).catch(async (error: unknown) => {
  await apple.stop();
  await removeData();
  throw error;
});
say(`Allotment stands at ${service.url}, on ${process.env.DATABASE_URL ? "DATABASE_URL" : "an embedded PostgreSQL"}\n`);

async function stop(status: number): Promise<never> {
  await service.close();
  await apple.stop();
  await removeData();
  process.exit(status);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop(0));

try {
  const problems = await tellStory({
    api: connectApi(service.url ?? "", service.adminApiKey),
    tokenFile: apple.tokenFile,
    seed,
    acceptInvitation,
  });
  for (const problem of problems) console.error(`Not as it must be: ${problem}`);
  if (problems.length > 0) await stop(1);
  say("Every count is what it must be.");
  if (values.exit) await stop(0);
} catch (error) {
  console.error(error);
  await stop(1);
}

say(`\nLook around: the Playground is at ${service.url}/playground, the admin's key is ${service.adminApiKey}`);
say(
  `Apple's other side (purchases, refunds, a second MDM …) is steered at ${apple.controlUrl}\nCtrl-C ends everything.`,
);

/** With the database's cluster: an ordinary user's lies in our directory, root's where a note in there says. */
async function removeData(): Promise<void> {
  const cluster = await readIfPresent(join(dataDirectory, "postgres-path"));
  if (cluster) await rm(cluster, { recursive: true, force: true });
  await rm(dataDirectory, { recursive: true, force: true });
}

/**
 * The demo's own settings over those of the shell. With DATABASE_URL its keys are derived from that address, so that a
 * second demo there can read what the first has left.
 */
function environment(): NodeJS.ProcessEnv {
  const databaseUrl = process.env.DATABASE_URL;
  const derived = (purpose: string) => createHash("sha256").update(`${purpose}:${databaseUrl}`).digest("hex");
  return {
    PORT: "0",
    LOG_LEVEL: "error",
    TOKEN_LIMIT: "3000",
    ...(databaseUrl ? { ENCRYPTION_KEY: derived("encryption"), ADMIN_API_KEY: derived("admin") } : {}),
    ...process.env,
    TIME_SCALE,
    ALLOTMENT_DATA_DIR: dataDirectory,
    APPLE_BASE_URL: apple.baseUrl,
  };
}

/** What a person does at Apple: opens the link and signs in. */
async function acceptInvitation(clientUserId: string): Promise<void> {
  const answer = await fetch(new URL("accept-invitation", `${apple.controlUrl}/`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ clientUserId }),
  });
  if (!answer.ok) throw new Error(`The simulator refused: ${await answer.text()}`);
}
