import { parseArgs } from "node:util";
import { InputError } from "../input-error.js";
import type { DeviceKind } from "./simulated-device.js";
import { type NanoMdmSimulator, startNanoMdmSimulator } from "./start-nanomdm-simulator.js";
import { appleStore } from "./store.js";
import { type SwitchesInput, switchesInput } from "./switches.js";
import type { Flavour } from "./world.js";

const MAX_PORT = 65_535;
/** Every fourth device of the command is a Mac, whose user has a channel of their own. */
const KINDS: readonly DeviceKind[] = ["iPhone", "iPad", "iPhone", "Mac"];

/**
 * `npm run simulate -- nanomdm …`: starts the simulator, prints where it is and what a target needs, and runs until SIGINT or
 * SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runNanoMdmCommand(args: string[]): Promise<void> {
  const simulator = await startNanoMdmSimulator(readOptions(args));
  console.log(describe(simulator));
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
}

function readOptions(args: string[]) {
  const values = parse(args);
  const port = wholeNumber("port", values.port, MAX_PORT);
  const usualControlPort = port === 0 || port === MAX_PORT ? 0 : port + 1;
  const controlPort = values["control-port"];
  const appleControl = values["apple-control"];
  return {
    flavour: flavourOf(values.flavour),
    host: values.host,
    port,
    controlPort: controlPort === undefined ? usualControlPort : wholeNumber("control-port", controlPort, MAX_PORT),
    devices: wholeNumber("devices", values.devices, 100_000),
    kinds: KINDS,
    seed: wholeNumber("seed", values.seed, 4_294_967_295),
    webhookUrl: values["webhook-url"] ?? null,
    ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
    ...(values["webhook-secret"] === undefined ? {} : { webhookSecret: values["webhook-secret"] }),
    ...(appleControl === undefined ? {} : { store: appleStore(appleControl) }),
    switches: switchesOf(values.switches),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        flavour: { type: "string", default: "nanomdm" },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "5301" },
        "control-port": text,
        devices: { type: "string", default: "10" },
        seed: { type: "string", default: "7" },
        "api-key": text,
        "webhook-url": text,
        "webhook-secret": text,
        "apple-control": text,
        switches: { type: "string", default: "{}" },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}

function flavourOf(text: string): Flavour {
  if (text === "nanomdm" || text === "micromdm") return text;
  throw new InputError(`--flavour must be nanomdm or micromdm, not "${text}".`);
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new InputError(`--${name} must be a whole number from 0 to ${max}, not "${text}".`);
}

function switchesOf(text: string): SwitchesInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('--switches must be JSON such as {"installMs":5000}.');
  }
  const parsed = switchesInput.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `--switches: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`.trim()).join("; ")}`,
  );
}

function describe({ url, controlUrl, apiKey, webhookSecret, world }: NanoMdmSimulator): string {
  return [
    `Simulated ${world.flavour === "nanomdm" ? "NanoMDM" : "MicroMDM"} with ${world.devices.length} devices`,
    `Settings of a target: ${JSON.stringify({ url, apiKey, webhookSecret })}`,
    `Topic of the push certificate: ${world.pushCertificate?.topic ?? "none"}`,
    `Control plane: ${controlUrl}`,
  ].join("\n");
}
