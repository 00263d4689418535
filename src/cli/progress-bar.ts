import cliProgress from "cli-progress";
import { plainText } from "./plain-text.js";

/** How far something has come, for a person who waits. */
export interface ProgressBar {
  /** @param words what is being done, in a few words. */
  update(done: number, total: number, words?: string): void;
  /** Takes the bar away: what follows says how it went. */
  stop(): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * A bar on a terminal; where `stream` is none, as in a pipe or a scheduled job, nothing is written.
 * @param unit what is counted, in the plural
 */
export function progressBar(
  title: string,
  unit: string,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean } = process.stderr,
): ProgressBar {
  const bar = new cliProgress.SingleBar(
    {
      format: `${plainText(title)} {bar} {percentage} %  {value}/{total} ${unit}  {words}`,
      stream,
      hideCursor: true,
      clearOnComplete: true,
      // It would take the signal, and let the process go on.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const leave = (signal: NodeJS.Signals) => {
    stop();
    process.kill(process.pid, signal);
  };
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, leave);
    bar.stop();
  };
  if (stream.isTTY) for (const signal of SIGNALS) process.on(signal, leave);
  bar.start(1, 0, { words: "" });
  return {
    update(done, total, words = "") {
      bar.setTotal(Math.max(total, done, 1));
      bar.update(done, { words });
    },
    stop,
  };
}
