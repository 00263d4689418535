const PAUSE_MS = 200;
const PATIENCE_MS = 90_000;

/** Says what happens, a line a step. */
export function say(line: string): void {
  console.log(line);
}

/**
 * Asks again and again until `done`, and shows each new state of things on the way.
 * @throws Error with the last state when it takes longer than a minute and a half.
 */
export async function watch<Seen>(
  question: () => Promise<Seen>,
  describe: (seen: Seen) => string,
  done: (seen: Seen) => boolean,
): Promise<Seen> {
  const end = Date.now() + PATIENCE_MS;
  let shown = "";
  for (;;) {
    const seen = await question();
    const line = describe(seen);
    if (line !== shown) say(`    ${line}`);
    shown = line;
    if (done(seen)) return seen;
    if (Date.now() > end) throw new Error(`This did not come to an end: ${line}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
