import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished } from "vitest";

/** `npm run simulate -- …` in a process of its own, which goes when the test ends. */
export interface Simulation {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** What follows that text in the line that begins with it. */
  told(beginning: string): string;
  /** Resolves once it has printed that. */
  prints(text: string): Promise<void>;
  /** Its exit status. */
  readonly ended: Promise<number | null>;
}

export function simulate(...args: string[]): Simulation {
  const child = spawn(process.execPath, ["--import", "tsx", "simulators/main.ts", ...args], { stdio: "pipe" });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    child,
    output: () => text,
    told: (beginning) =>
      text
        .split("\n")
        .find((line) => line.startsWith(beginning))
        ?.slice(beginning.length) ?? "",
    prints: (part) => expect.poll(() => text, { timeout: 30_000 }).toContain(part),
    ended,
  };
}
