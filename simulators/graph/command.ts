import { readFileSync } from "node:fs";
import { portBeside, portOf } from "../command/ports.js";
import { readOptions } from "../command/read-options.js";
import { readSwitches } from "../command/read-switches.js";
import { runUntilStopped } from "../command/run-until-stopped.js";
import { wholeNumber } from "../command/whole-number.js";
import { InputError } from "../input-error.js";
import { type GraphSimulator, type GraphSimulatorOptions, startGraphSimulator } from "./start-graph-simulator.js";
import { switchesInput } from "./switches.js";

const USUAL = {
  host: "127.0.0.1",
  port: "5021",
  "control-port": undefined,
  users: "20",
  devices: "25",
  userless: "2",
  apps: "10",
  licenses: "30",
  seed: "7",
  certificate: undefined,
  switches: "{}",
};

/**
 * `npm run simulate -- graph …`: starts the simulator, prints where it is and what an admin gives to `addTarget`, and runs
 * until SIGINT or SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runGraphCommand(args: string[]): Promise<void> {
  const simulator = await startGraphSimulator(optionsOf(readOptions(args, USUAL)));
  runUntilStopped(simulator, describe(simulator));
}

function optionsOf(values: ReturnType<typeof readOptions<typeof USUAL>>): GraphSimulatorOptions {
  const port = portOf(values.port);
  const devices = wholeNumber("devices", values.devices, 0, 100_000);
  const userless = wholeNumber("userless", values.userless, 0, 100_000);
  if (userless > devices) throw new InputError(`--userless ${userless} is more than --devices ${devices}.`);
  return {
    host: values.host,
    port,
    controlPort: portBeside(port, 1, "control-port", values["control-port"]),
    users: wholeNumber("users", values.users, 0, 100_000),
    devices,
    userless,
    apps: wholeNumber("apps", values.apps, 0, 10_000),
    licenses: wholeNumber("licenses", values.licenses, 0, 1_000_000),
    seed: wholeNumber("seed", values.seed, 0, 46_655),
    certificates: values.certificate === undefined ? [] : [readCertificate(values.certificate)],
    switches: readSwitches(values.switches, switchesInput, '{"pageSize":10}'),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`--certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function describe({ url, controlUrl, tenantId, clientId, clientSecret }: GraphSimulator): string[] {
  return [
    "Simulated Microsoft Graph with Intune",
    `Control plane: ${controlUrl}`,
    "Settings of the plugin intune:",
    JSON.stringify({ tenantId, clientId, clientSecret, graphUrl: url, loginUrl: url }, null, 2),
  ];
}
