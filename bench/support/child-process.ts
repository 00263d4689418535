import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const MIB_IN_KB = 1024;
/** What is not ready by then never is. */
const START_MS = 300_000;

/** A process of its own: its memory and its time are not the benchmark's. */
export interface Child {
  /** What its output named, in its order. */
  readonly found: readonly string[];
  /** The most memory it has held since its start, in MiB, as the kernel has counted it. */
  peakRssMiB(): Promise<number>;
  /** The time it has kept processors busy since its start. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** What is not as usual. */
interface ChildOptions {
  /** How many lines are awaited; one. */
  readonly count?: number;
  /** The Node it runs on; ours. */
  readonly node?: string;
}

/** Starts a program of this repository and waits until so many lines of its output match; their groups are `found`. */
export async function startChild(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  awaited: RegExp,
  { count = 1, node = process.execPath }: ChildOptions = {},
): Promise<Child> {
  const child = spawn(node, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => child.kill("SIGTERM");
  process.once("exit", end);
  return {
    found: await firstMatches(child, awaited, count),
    peakRssMiB: () => peakRssMiB(child.pid ?? 0),
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.off("exit", end);
      end();
      await once(child, "exit");
    },
  };
}

async function firstMatches(child: ChildProcess, awaited: RegExp, count: number): Promise<string[]> {
  if (!child.stdout) throw new Error("The process has no output");
  const found: string[] = [];
  const late = setTimeout(() => child.kill("SIGKILL"), START_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const match = awaited.exec(line)?.[1];
      if (match === undefined || found.push(match) < count) continue;
      child.stdout.resume();
      return found;
    }
  } finally {
    clearTimeout(late);
  }
  const how =
    child.signalCode === "SIGKILL" ? `was not ready within ${START_MS / 1_000} seconds` : "ended before it was ready";
  throw new Error(`The process ${how}: ${child.spawnargs.join(" ")}`);
}

/** The high-water mark misses no peak between two looks. */
async function peakRssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (peak === undefined) throw new Error("The kernel does not tell the peak memory of a process here");
  return Number(peak) / MIB_IN_KB;
}

/** Linux counts in hundredths of a second, whatever the machine. */
const TICKS_A_SECOND = 100;

/** Of the fields after the program's name, the 12th and 13th are the time in the program and in the kernel. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
