import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

const AFTER_HELP = `
Products:
  apple          Apple's Apps and Books service
  graph          Microsoft Graph with Intune
  adminservice   Configuration Manager's AdminService
  nanomdm        NanoMDM or MicroMDM with devices

It prints where the simulator is, and runs until Ctrl-C. Options follow the product, as simulators/README.md lists them:
  allotment simulate apple --port 5001 --apps 50 --licenses 5000`;

/** How a process ends that was asked to by this signal. */
const SIGNALLED = 128;
const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 };

export function addSimulateCommand(program: Command): void {
  program
    .command("simulate")
    .summary("run a simulator of Apple or of an MDM product")
    .description("Runs a simulator of Apple or of an MDM product, to try Allotment without either.")
    .argument("<product>", "what to simulate")
    .argument("[options...]", "the simulator's own options")
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText("after", AFTER_HELP)
    .action(simulate);
}

/** The simulators are programs of their own, which the service's source knows nothing of. */
async function simulate(product: string, options: readonly string[]): Promise<void> {
  const here = fileURLToPath(import.meta.url);
  const simulators = fileURLToPath(new URL(`../../simulators/main${extname(here)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, simulators, product, ...options], { stdio: "inherit" });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  process.exitCode = code ?? SIGNALLED + (SIGNAL_NUMBERS[signal ?? "SIGTERM"] ?? 0);
}
