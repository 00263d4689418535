import { startPostgres } from "../support/postgres.js";
import { say } from "../support/say.js";
import { secondsOf } from "../support/seconds-of.js";
import { createSetting, type Setting } from "../support/setting.js";
import { readOptions } from "./options.js";
import { prepare } from "./prepare.js";
import { followStages } from "./stages.js";

const { devices } = readOptions(process.argv.slice(2));
say(
  `Deploys one app to ${devices} devices, device licensing, from createDeployment until all are INSTALLED. The MDM is the mock\n` +
    "without delay, Apple the simulator without delay, with Apple's 15 requests a second. Service, simulator and PostgreSQL are\n" +
    "processes of their own. To reach: 2,000 installations a second, 100 associate calls, 100 status calls, 350 MiB.",
);
const postgres = await startPostgres();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void postgres.stop().finally(() => process.exit(1)));
}
try {
  const sizes = { apps: 1, licenses: devices, assigned: 0, users: 0 };
  const setting = await createSetting(postgres, "deploy", sizes);
  try {
    say(`\n${JSON.stringify(await measure(setting))}`);
  } finally {
    await setting.stop();
  }
} finally {
  await postgres.stop();
}

async function measure(setting: Setting) {
  const { ask, session, control } = setting;
  await control("/switches", { eventDelayMs: 0, keptRequests: 100_000 });
  const prepared = await prepare(setting, devices);
  await session.query("CHECKPOINT");
  const seconds = await secondsOf(async () => {
    const planned = await secondsOf(() =>
      ask(`mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }`, {
        input: { ...prepared, action: "INSTALL", licensing: "DEVICE" },
      }),
    );
    say(`  createDeployment answered after ${planned.toFixed(2)} s`);
    await followStages(session, devices, setting.serviceCpuSeconds);
  });
  const { requests } = await control<{ requests: { method: string; path: string }[] }>("/state?limit=100000");
  const calls = (part: string) => requests.filter(({ path }) => path.includes(part)).length;
  return {
    installationsPerSecond: Math.round(devices / seconds),
    associateCalls: calls("/assets/associate"),
    statusCalls: calls("/status"),
    peakRssMiB: Math.round(await setting.peakRssMiB()),
  };
}
