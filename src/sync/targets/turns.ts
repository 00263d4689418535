import { PluginError } from "../../plugins/contract.js";

/** Runs one call at a time, in the order in which they came. */
export type InTurn = <T>(signal: AbortSignal, call: () => Promise<T>) => Promise<T>;

/** @returns a queue of its own. A call whose signal fires before its turn is not made: PluginError `transient`. */
export function createTurns(): InTurn {
  let last: Promise<void> = Promise.resolve();
  return async (signal, call) => {
    const before = last;
    let leave = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    last = before.then(() => mine);
    try {
      await come(before, signal);
      return await call();
    } finally {
      leave();
    }
  };
}

async function come(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const late = () => new PluginError("transient", "Earlier requests to the product took too long.");
  if (signal.aborted) throw late();
  let give = () => {};
  const fired = new Promise<never>((_resolve, reject) => {
    give = () => reject(late());
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    await Promise.race([turn, fired]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
