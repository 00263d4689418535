/** Says what is running and how to reach it, and stops it at SIGINT or SIGTERM. */
export function runUntilStopped(simulator: { stop(): Promise<void> }, lines: readonly string[]): void {
  console.log(lines.join("\n"));
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
}
