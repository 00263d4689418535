import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { InputError } from "../input-error.js";
import { type GraphSimulator, startGraphSimulator } from "./start-graph-simulator.js";
import { type SwitchesInput, switchesInput } from "./switches.js";

const MAX_PORT = 65_535;

/**
 * `npm run simulate -- graph …`: starts the simulator, prints where it is and what an admin gives to `addTarget`, and runs
 * until SIGINT or SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runGraphCommand(args: string[]): Promise<void> {
  const simulator = await startGraphSimulator(readOptions(args));
  console.log(describe(simulator));
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
}

function readOptions(args: string[]) {
  const values = parse(args);
  const port = wholeNumber("port", values.port, 0, MAX_PORT);
  const usualControlPort = port === 0 || port === MAX_PORT ? 0 : port + 1;
  const controlPort = values["control-port"];
  const devices = wholeNumber("devices", values.devices, 0, 100_000);
  const userless = wholeNumber("userless", values.userless, 0, 100_000);
  if (userless > devices) throw new InputError(`--userless ${userless} is more than --devices ${devices}.`);
  return {
    host: values.host,
    port,
    controlPort: controlPort === undefined ? usualControlPort : wholeNumber("control-port", controlPort, 0, MAX_PORT),
    users: wholeNumber("users", values.users, 0, 100_000),
    devices,
    userless,
    apps: wholeNumber("apps", values.apps, 0, 10_000),
    licenses: wholeNumber("licenses", values.licenses, 0, 1_000_000),
    seed: wholeNumber("seed", values.seed, 0, 46_655),
    certificates: values.certificate === undefined ? [] : [readCertificate(values.certificate)],
    switches: switchesOf(values.switches),
  };
}

function parse(args: string[]) {
  const text = (usual: string) => ({ type: "string" as const, default: usual });
  try {
    return parseArgs({
      args,
      options: {
        host: text("127.0.0.1"),
        port: text("5021"),
        "control-port": { type: "string" },
        users: text("20"),
        devices: text("25"),
        userless: text("2"),
        apps: text("10"),
        licenses: text("30"),
        seed: text("7"),
        certificate: { type: "string" },
        switches: text("{}"),
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

function readCertificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`--certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function switchesOf(text: string): SwitchesInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('--switches must be JSON such as {"pageSize":10}.');
  }
  const parsed = switchesInput.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `--switches: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`.trim()).join("; ")}`,
  );
}

function describe({ url, controlUrl, tenantId, clientId, clientSecret }: GraphSimulator): string {
  return [
    "Simulated Microsoft Graph with Intune",
    `Control plane: ${controlUrl}`,
    "Settings of the plugin intune:",
    JSON.stringify({ tenantId, clientId, clientSecret, graphUrl: url, loginUrl: url }, null, 2),
  ].join("\n");
}
