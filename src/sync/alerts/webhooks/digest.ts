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

/** The alerts of one kind: the first so many are named. */
export interface DigestPart {
  readonly kind: AlertKind;
  readonly alerts: readonly DigestAlert[];
  /** Global ids of those that are not named. */
  readonly others: readonly string[];
}

/** What is to be told: each alert once, as it stood at the end. */
export interface Digest {
  readonly raised: readonly DigestPart[];
  readonly cleared: readonly DigestPart[];
}

/** The alerts of one kind in a message of the type `alerts.digest`. */
export interface ToldPart {
  readonly kind: AlertKind;
  readonly count: number;
  /** How many are counted and not named. */
  readonly more: number;
  readonly alerts: readonly DigestAlert[];
}

/** So many alerts of a kind are named. */
export const MOST_NAMED = 100;

/** A digest as a message says it: of those that are not named, only the number. */
export function toldOf({ raised, cleared }: Digest): { raised: ToldPart[]; cleared: ToldPart[] } {
  const told = ({ kind, alerts, others }: DigestPart) => {
    return { kind, count: alerts.length + others.length, more: others.length, alerts };
  };
  return { raised: raised.map(told), cleared: cleared.map(told) };
}

/** The part of a digest that an endpoint is told; null when that is nothing. No kinds: all of them. */
export function digestFor(kinds: readonly AlertKind[], { raised, cleared }: Digest): Digest | null {
  const isWanted = ({ kind }: DigestPart) => kinds.length === 0 || kinds.includes(kind);
  const wanted = { raised: raised.filter(isWanted), cleared: cleared.filter(isWanted) };
  return wanted.raised.length + wanted.cleared.length > 0 ? wanted : null;
}

/** Both as one. What the later one tells of is no longer what the earlier one says of it. */
export function joinDigests(earlier: Digest, later: Digest): Digest {
  const news = new Set(
    [...later.raised, ...later.cleared].flatMap(({ alerts, others }) => [...alerts.map(({ id }) => id), ...others]),
  );
  return {
    raised: joinParts(without(earlier.raised, news), later.raised),
    cleared: joinParts(without(earlier.cleared, news), later.cleared),
  };
}

function without(parts: readonly DigestPart[], ids: ReadonlySet<string>): DigestPart[] {
  return parts.map(({ kind, alerts, others }) => {
    return { kind, alerts: alerts.filter(({ id }) => !ids.has(id)), others: others.filter((id) => !ids.has(id)) };
  });
}

function joinParts(earlier: readonly DigestPart[], later: readonly DigestPart[]): DigestPart[] {
  const kinds = [...new Set([...earlier, ...later].map(({ kind }) => kind))].sort();
  return kinds.flatMap((kind) => {
    const parts = [...earlier, ...later].filter((part) => part.kind === kind);
    const alerts = parts.flatMap((part) => part.alerts);
    const others = [...alerts.slice(MOST_NAMED).map(({ id }) => id), ...parts.flatMap((part) => part.others)];
    return alerts.length + others.length > 0 ? [{ kind, alerts: alerts.slice(0, MOST_NAMED), others }] : [];
  });
}
