import { oneOf } from "../command/one-of.js";
import { portBeside, portOf } from "../command/ports.js";
import { readOptions } from "../command/read-options.js";
import { readSwitches } from "../command/read-switches.js";
import { runUntilStopped } from "../command/run-until-stopped.js";
import { wholeNumber } from "../command/whole-number.js";
import {
  type AdminServiceSimulator,
  type AdminServiceSimulatorOptions,
  startAdminServiceSimulator,
} from "./start-adminservice-simulator.js";
import { switchesInput } from "./switches.js";

const MAX_COUNT = 100_000;

const USUAL = {
  host: "127.0.0.1",
  port: "5011",
  "control-port": undefined,
  "entra-port": undefined,
  devices: "10",
  users: "5",
  computers: "2",
  seed: "7",
  label: "SCCM",
  certificate: "self",
  switches: "{}",
};

/**
 * `npm run simulate -- adminservice …`: starts the simulator, prints where it is and how to get in, and runs until SIGINT
 * or SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runAdminServiceCommand(args: string[]): Promise<void> {
  const simulator = await startAdminServiceSimulator(optionsOf(readOptions(args, USUAL)));
  runUntilStopped(simulator, describe(simulator));
}

function optionsOf(values: ReturnType<typeof readOptions<typeof USUAL>>): AdminServiceSimulatorOptions {
  const port = portOf(values.port);
  return {
    host: values.host,
    port,
    controlPort: portBeside(port, 1, "control-port", values["control-port"]),
    entraPort: portBeside(port, 2, "entra-port", values["entra-port"]),
    devices: wholeNumber("devices", values.devices, 0, MAX_COUNT),
    users: wholeNumber("users", values.users, 0, MAX_COUNT),
    computers: wholeNumber("computers", values.computers, 0, MAX_COUNT),
    seed: wholeNumber("seed", values.seed, 0, 4_294_967_295),
    label: values.label,
    certificate: oneOf("certificate", values.certificate, ["self", "authority"]),
    switches: readSwitches(values.switches, switchesInput, '{"policyDelayMs":0}'),
  };
}

function describe(simulator: AdminServiceSimulator): string[] {
  const { url, controlUrl, entraUrl, gatewayUrl, account, clientApp, certificate } = simulator;
  const { fingerprint, authority } = certificate();
  return [
    "Simulated Configuration Manager AdminService",
    `AdminService: ${url}`,
    `Control plane: ${controlUrl}`,
    `Account: ${account.domain}\\${account.user}`,
    `Password: ${account.password}`,
    `Gateway: ${gatewayUrl}`,
    `Tokens: ${entraUrl}`,
    `Tenant: ${clientApp.tenantId}`,
    `Client: ${clientApp.clientId}`,
    `Client secret: ${clientApp.clientSecret}`,
    `Resource: ${clientApp.resource}`,
    `Certificate (SHA-256): ${fingerprint}`,
    authority.trim(),
  ];
}
