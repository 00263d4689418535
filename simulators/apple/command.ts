import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { InputError } from "../input-error.js";
import { type AppleSimulator, startAppleSimulator } from "./start-apple-simulator.js";
import { type SwitchesInput, switchesInput } from "./switches.js";

const MAX_PORT = 65_535;
const MAX_COUNT = 10_000_000;

/**
 * `npm run simulate -- apple …`: starts the simulator, prints where it is and its token file, and runs until SIGINT or
 * SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runAppleCommand(args: string[]): Promise<void> {
  const options = readOptions(args);
  const simulator = await startAppleSimulator(options);
  if (options.tokenOut !== undefined) await writeFile(options.tokenOut, simulator.tokenFile);
  console.log(describe(simulator));
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
}

function readOptions(args: string[]) {
  const values = parse(args);
  const port = wholeNumber("port", values.port, 0, MAX_PORT);
  const usualControlPort = port === 0 || port === MAX_PORT ? 0 : port + 1;
  const controlPort = values["control-port"];
  const options = {
    host: values.host,
    port,
    controlPort: controlPort === undefined ? usualControlPort : wholeNumber("control-port", controlPort, 0, MAX_PORT),
    apps: wholeNumber("apps", values.apps, 1, 100_000),
    licenses: wholeNumber("licenses", values.licenses, 0, MAX_COUNT),
    users: wholeNumber("users", values.users, 0, MAX_COUNT),
    assigned: wholeNumber("assigned", values.assigned, 0, MAX_COUNT),
    seed: wholeNumber("seed", values.seed, 0, 4_294_967_295),
    tokenExpiresAt: time("token-expires", values["token-expires"]),
    tokenOut: values["token-out"],
    switches: switchesOf(values.switches),
  };
  if (options.assigned > options.licenses) {
    throw new InputError(`--assigned ${options.assigned} is more than --licenses ${options.licenses}.`);
  }
  return options;
}

function parse(args: string[]) {
  const text = (usual?: string) => ({ type: "string" as const, ...(usual === undefined ? {} : { default: usual }) });
  try {
    return parseArgs({
      args,
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "5001" },
        "control-port": text(),
        apps: { type: "string", default: "50" },
        licenses: { type: "string", default: "5000" },
        users: { type: "string", default: "0" },
        assigned: { type: "string", default: "0" },
        seed: { type: "string", default: "7" },
        "token-expires": text(),
        "token-out": text(),
        switches: { type: "string", default: "{}" },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InputError(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function switchesOf(text: string): SwitchesInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('--switches must be JSON such as {"eventDelayMs":0}.');
  }
  const parsed = switchesInput.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `--switches: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`.trim()).join("; ")}`,
  );
}

function time(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const value = new Date(text);
  if (!Number.isNaN(value.getTime())) return value;
  throw new InputError(`--${name} must be a time such as 2031-02-03T04:05:06Z, not "${text}".`);
}

function describe({ baseUrl, controlUrl, tokenFile }: AppleSimulator): string {
  return [
    "Simulated Apple Apps and Books service",
    `APPLE_BASE_URL=${baseUrl}`,
    `Control plane: ${controlUrl}`,
    "-----BEGIN TOKEN FILE-----",
    tokenFile,
    "-----END TOKEN FILE-----",
  ].join("\n");
}
