/** Says what is running and how to reach it, and stops it at SIGINT or SIGTERM, also if that comes as soon as it is said. */
export function runUntilStopped(simulator: { stop(): Promise<void> }, lines: readonly string[]): void {
  const end = () => void simulator.stop();
  process.once("SIGINT", end).once("SIGTERM", end);
  console.log(lines.join("\n"));
}
