import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { say } from "../support/say.js";

const run = promisify(execFile);

/** Of bench/package.json: Node 22, and the peers' own packages. */
const PROGRAM = join("bench", "node_modules", "node", "bin", "node");
const PEER = join("bench", "node_modules", "postgraphile", "package.json");

/** Installs what the peers need, unless it is there. @returns the Node that all of them run on. */
export async function installPeers(): Promise<string> {
  try {
    await Promise.all([access(PROGRAM), access(PEER)]);
  } catch {
    say("Installs the peers (npm ci --prefix bench)");
    await run("npm", ["ci", "--prefix", "bench", "--no-audit", "--no-fund", "--loglevel", "error"]);
  }
  const { stdout } = await run(PROGRAM, ["--version"]);
  say(`Node ${stdout.trim()} for all three`);
  return PROGRAM;
}
