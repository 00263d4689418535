import { oneOf } from "../command/one-of.js";
import { portBeside, portOf } from "../command/ports.js";
import { readOptions } from "../command/read-options.js";
import { readSwitches } from "../command/read-switches.js";
import { runUntilStopped } from "../command/run-until-stopped.js";
import { wholeNumber } from "../command/whole-number.js";
import type { DeviceKind } from "./simulated-device.js";
import {
  type NanoMdmSimulator,
  type NanoMdmSimulatorOptions,
  startNanoMdmSimulator,
} from "./start-nanomdm-simulator.js";
import { appleStore } from "./store.js";
import { switchesInput } from "./switches.js";

/** Every fourth device of the command is a Mac, whose user has a channel of their own. */
const KINDS: readonly DeviceKind[] = ["iPhone", "iPad", "iPhone", "Mac"];

const USUAL = {
  flavour: "nanomdm",
  host: "127.0.0.1",
  port: "5301",
  "control-port": undefined,
  devices: "10",
  seed: "7",
  "api-key": undefined,
  "webhook-url": undefined,
  "webhook-secret": undefined,
  "apple-control": undefined,
  switches: "{}",
};

/**
 * `npm run simulate -- nanomdm …`: starts the simulator, prints where it is and what a target needs, and runs until SIGINT or
 * SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runNanoMdmCommand(args: string[]): Promise<void> {
  const simulator = await startNanoMdmSimulator(optionsOf(readOptions(args, USUAL)));
  runUntilStopped(simulator, describe(simulator));
}

function optionsOf(values: ReturnType<typeof readOptions<typeof USUAL>>): NanoMdmSimulatorOptions {
  const port = portOf(values.port);
  const appleControl = values["apple-control"];
  return {
    flavour: oneOf("flavour", values.flavour, ["nanomdm", "micromdm"]),
    host: values.host,
    port,
    controlPort: portBeside(port, 1, "control-port", values["control-port"]),
    devices: wholeNumber("devices", values.devices, 0, 100_000),
    kinds: KINDS,
    seed: wholeNumber("seed", values.seed, 0, 4_294_967_295),
    webhookUrl: values["webhook-url"] ?? null,
    ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
    ...(values["webhook-secret"] === undefined ? {} : { webhookSecret: values["webhook-secret"] }),
    ...(appleControl === undefined ? {} : { store: appleStore(appleControl) }),
    switches: readSwitches(values.switches, switchesInput, '{"installMs":5000}'),
  };
}

function describe({ url, controlUrl, apiKey, webhookSecret, world }: NanoMdmSimulator): string[] {
  return [
    `Simulated ${world.flavour === "nanomdm" ? "NanoMDM" : "MicroMDM"} with ${world.devices.length} devices`,
    `Settings of a target: ${JSON.stringify({ url, apiKey, webhookSecret })}`,
    `Topic of the push certificate: ${world.pushCertificate?.topic ?? "none"}`,
    `Control plane: ${controlUrl}`,
  ];
}
