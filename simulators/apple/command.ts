import { writeFile } from "node:fs/promises";
import { portBeside, portOf } from "../command/ports.js";
import { readOptions } from "../command/read-options.js";
import { readSwitches } from "../command/read-switches.js";
import { runUntilStopped } from "../command/run-until-stopped.js";
import { wholeNumber } from "../command/whole-number.js";
import { InputError } from "../input-error.js";
import { type AppleSimulator, type AppleSimulatorOptions, startAppleSimulator } from "./start-apple-simulator.js";
import { switchesInput } from "./switches.js";

const MAX_COUNT = 10_000_000;

const USUAL = {
  host: "127.0.0.1",
  port: "5001",
  "control-port": undefined,
  apps: "50",
  licenses: "5000",
  users: "0",
  assigned: "0",
  seed: "7",
  "token-expires": undefined,
  "token-out": undefined,
  switches: "{}",
};

/**
 * `npm run simulate -- apple …`: starts the simulator, prints where it is and its token file, and runs until SIGINT or
 * SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runAppleCommand(args: string[]): Promise<void> {
  const values = readOptions(args, USUAL);
  const simulator = await startAppleSimulator(optionsOf(values));
  const tokenOut = values["token-out"];
  if (tokenOut !== undefined) await writeFile(tokenOut, simulator.tokenFile);
  runUntilStopped(simulator, describe(simulator));
}

function optionsOf(values: ReturnType<typeof readOptions<typeof USUAL>>): AppleSimulatorOptions {
  const port = portOf(values.port);
  const licenses = wholeNumber("licenses", values.licenses, 0, MAX_COUNT);
  const assigned = wholeNumber("assigned", values.assigned, 0, MAX_COUNT);
  if (assigned > licenses) throw new InputError(`--assigned ${assigned} is more than --licenses ${licenses}.`);
  return {
    host: values.host,
    port,
    controlPort: portBeside(port, 1, "control-port", values["control-port"]),
    apps: wholeNumber("apps", values.apps, 1, 100_000),
    licenses,
    users: wholeNumber("users", values.users, 0, MAX_COUNT),
    assigned,
    seed: wholeNumber("seed", values.seed, 0, 4_294_967_295),
    tokenExpiresAt: timeOf("token-expires", values["token-expires"]),
    switches: readSwitches(values.switches, switchesInput, '{"eventDelayMs":0}'),
  };
}

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const value = new Date(text);
  if (!Number.isNaN(value.getTime())) return value;
  throw new InputError(`--${name} must be a time such as 2031-02-03T04:05:06Z, not "${text}".`);
}

function describe({ baseUrl, controlUrl, tokenFile }: AppleSimulator): string[] {
  return [
    "Simulated Apple Apps and Books service",
    `APPLE_BASE_URL=${baseUrl}`,
    `Control plane: ${controlUrl}`,
    "-----BEGIN TOKEN FILE-----",
    tokenFile,
    "-----END TOKEN FILE-----",
  ];
}
