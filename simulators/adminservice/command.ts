import { parseArgs } from "node:util";
import { InputError } from "../input-error.js";
import { type AdminServiceSimulator, startAdminServiceSimulator } from "./start-adminservice-simulator.js";
import { type SwitchesInput, switchesInput } from "./switches.js";

const MAX_PORT = 65_535;
const MAX_COUNT = 100_000;

/**
 * `npm run simulate -- adminservice …`: starts the simulator, prints where it is and how to get in, and runs until SIGINT
 * or SIGTERM.
 * @throws InputError for options that make no sense.
 */
export async function runAdminServiceCommand(args: string[]): Promise<void> {
  const simulator = await startAdminServiceSimulator(readOptions(args));
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
  console.log(describe(simulator));
}

function readOptions(args: string[]) {
  const values = parse(args);
  const port = wholeNumber("port", values.port, MAX_PORT);
  const beside = (name: "control-port" | "entra-port", offset: number) => {
    const given = values[name];
    if (given !== undefined) return wholeNumber(name, given, MAX_PORT);
    return port === 0 || port + offset > MAX_PORT ? 0 : port + offset;
  };
  return {
    host: values.host,
    port,
    controlPort: beside("control-port", 1),
    entraPort: beside("entra-port", 2),
    devices: wholeNumber("devices", values.devices, MAX_COUNT),
    users: wholeNumber("users", values.users, MAX_COUNT),
    computers: wholeNumber("computers", values.computers, MAX_COUNT),
    seed: wholeNumber("seed", values.seed, 4_294_967_295),
    label: values.label,
    certificate: certificateOf(values.certificate),
    switches: switchesOf(values.switches),
  };
}

function parse(args: string[]) {
  const text = (usual?: string) => ({ type: "string" as const, ...(usual === undefined ? {} : { default: usual }) });
  try {
    return parseArgs({
      args,
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "5011" },
        "control-port": text(),
        "entra-port": text(),
        devices: { type: "string", default: "10" },
        users: { type: "string", default: "5" },
        computers: { type: "string", default: "2" },
        seed: { type: "string", default: "7" },
        label: { type: "string", default: "SCCM" },
        certificate: { type: "string", default: "self" },
        switches: { type: "string", default: "{}" },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new InputError(`--${name} must be a whole number from 0 to ${max}, not "${text}".`);
}

function certificateOf(text: string): "self" | "authority" {
  if (text === "self" || text === "authority") return text;
  throw new InputError(`--certificate must be self or authority, not "${text}".`);
}

function switchesOf(text: string): SwitchesInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('--switches must be JSON such as {"policyDelayMs":0}.');
  }
  const parsed = switchesInput.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `--switches: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`.trim()).join("; ")}`,
  );
}

function describe({
  url,
  controlUrl,
  entraUrl,
  gatewayUrl,
  account,
  clientApp,
  certificate,
}: AdminServiceSimulator): string {
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
  ].join("\n");
}
