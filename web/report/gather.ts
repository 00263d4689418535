/** Many changes at once are one reason to look again. */
const GATHER_MS = 1_000;

/** Tells soon after the first change, and of later ones after a pause. */
export function gather(pauseMs: number, tell: () => void): { changed(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    changed() {
      const waitMs = Math.max(GATHER_MS, toldAt + pauseMs - performance.now());
      timer ??= setTimeout(() => {
        timer = undefined;
        toldAt = performance.now();
        tell();
      }, waitMs);
    },
    stop: () => clearTimeout(timer),
  };
}
