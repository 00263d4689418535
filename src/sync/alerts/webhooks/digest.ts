import type { AlertKind } from "../../../entities/alert.js";

/** An alert as a message tells of it. */
export interface DigestAlert {
  /** Its global id. */
  readonly id: string;
  /** Global id of what it is about. */
  readonly subject: string;
  readonly message: string;
  /** When it was raised or cleared; ISO 8601, UTC. */
  readonly at: string;
}

/** The alerts of one kind: all are counted, the first so many are named. */
export interface DigestPart {
  readonly kind: AlertKind;
  readonly count: number;
  /** How many are counted and not named. */
  readonly more: number;
  readonly alerts: readonly DigestAlert[];
}

/** What a message of the type `alerts.digest` says: each alert once, as it stood at the end. */
export interface Digest {
  readonly raised: readonly DigestPart[];
  readonly cleared: readonly DigestPart[];
}

/** So many alerts of a kind are named. */
export const MOST_NAMED = 100;

/** The part of a digest that an endpoint is told; null when that is nothing. No kinds: all of them. */
export function digestFor(kinds: readonly AlertKind[], { raised, cleared }: Digest): Digest | null {
  const isWanted = ({ kind }: DigestPart) => kinds.length === 0 || kinds.includes(kind);
  const wanted = { raised: raised.filter(isWanted), cleared: cleared.filter(isWanted) };
  return wanted.raised.length + wanted.cleared.length > 0 ? wanted : null;
}

/** Both as one. What the later one names is no longer what the earlier one says of it. */
export function joinDigests(earlier: Digest, later: Digest): Digest {
  const news = new Set([...later.raised, ...later.cleared].flatMap(({ alerts }) => alerts.map(({ id }) => id)));
  return {
    raised: joinParts(without(earlier.raised, news), later.raised),
    cleared: joinParts(without(earlier.cleared, news), later.cleared),
  };
}

function without(parts: readonly DigestPart[], ids: ReadonlySet<string>): DigestPart[] {
  return parts.flatMap((part) => {
    const alerts = part.alerts.filter(({ id }) => !ids.has(id));
    const count = part.count - (part.alerts.length - alerts.length);
    return count > 0 ? [{ ...part, count, alerts }] : [];
  });
}

function joinParts(earlier: readonly DigestPart[], later: readonly DigestPart[]): DigestPart[] {
  const kinds = [...new Set([...earlier, ...later].map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const parts = [...earlier, ...later].filter((part) => part.kind === kind);
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const alerts = parts.flatMap((part) => part.alerts).slice(0, MOST_NAMED);
    return { kind, count, more: count - alerts.length, alerts };
  });
}
