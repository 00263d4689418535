import type pg from "pg";

/**
 * The part of a pool's sessions that the fast path takes at most. The others are left to mutations and to what it does not
 * serve. And where PostgreSQL shares two cores with this process, it answers as much, and the slowest sooner: of ten
 * statements at once, some waited for a core for 100 ms and more (`device` of `bench/query`).
 */
const SHARE = 0.5;

/** So many have their turn at once; the others wait for it in the order in which they came. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  get isFree(): boolean {
    return this.free > 0;
  }

  /** @returns null where it is one's turn. */
  begin(): Promise<void> | null {
    if (!this.isFree) return new Promise((resolve) => this.waiting.push(resolve));
    this.free -= 1;
    return null;
  }

  end(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}

const turns = new WeakMap<pg.Pool, Turns>();

/** The turns that the fast path has at the sessions of a pool. */
export function turnsAt(pool: pg.Pool): Turns {
  const known = turns.get(pool) ?? new Turns(Math.ceil(pool.options.max * SHARE));
  turns.set(pool, known);
  return known;
}
