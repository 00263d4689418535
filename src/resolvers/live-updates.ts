import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../entities/node.js";
import { Token } from "../entities/token.js";
import { AppError } from "../errors.js";
import { DatabaseAway } from "../queries/database-away.js";
import { keyOf, type NodeClass, type NodeKey } from "../queries/node-key.js";
import type { Scoped } from "../queries/scopes.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed, ChangeTopic } from "../sync/watch/change-feed.js";
import { Follower } from "./follower.js";
import type { Loaders } from "./loaders.js";
import { SharedLoaders } from "./shared-loaders.js";

/** How often, at most, a subscriber is told of the same object, in milliseconds of real time. */
const TURN_MS = 200;
/** How long to wait when the database cannot be read. */
const RETRY_MS = 1_000;

/** What a subscription is about. */
export interface LiveKind<Row> {
  /** A row as it stands; null when it is gone, or not seen. */
  find(loaders: Loaders, key: NodeKey): Promise<Row | null>;
  keyOf(row: Row): NodeKey;
  /**
   * What a subscriber is told first, and again when changes may have been missed.
   * @param missedSince none was before this moment; null at first
   */
  snapshot(loaders: Loaders, missedSince: Date | null): Promise<readonly Row[]>;
  readonly topic: ChangeTopic;
  /** Only rows of this token; null for all. */
  readonly tokenId: string | null;
  /** Only these rows, their keys joined by ":"; all, if left out. */
  readonly only?: ReadonlySet<string>;
  /** Whether a row that a subscriber was told of must be told of again once it is over, whatever comes after it. */
  isUnderWay(row: Row): boolean;
}

/** What one subscriber has been told. */
interface Told {
  /** Rows that were under way then, by their keys joined by ":". */
  readonly underWay: Map<string, NodeKey>;
  /** All that this process had heard of by then; null before anything was told. */
  upTo: Date | null;
}

/**
 * Objects as they stand when they are read.
 * @param first whose keys a snapshot has
 */
export function nodesOf<Row extends Node>(
  node: NodeClass<Row>,
  first: () => Promise<readonly NodeKey[]>,
): Pick<LiveKind<Row>, "find" | "keyOf" | "snapshot"> {
  const find = (loaders: Loaders, key: NodeKey) => loaders.find(node, ...key);
  return { find, keyOf, snapshot: async (loaders) => findAll({ find }, loaders, await first()) };
}

async function findAll<Row>(
  { find }: Pick<LiveKind<Row>, "find">,
  loaders: Loaders,
  keys: readonly NodeKey[],
): Promise<Row[]> {
  const distinct = new Map(keys.map((key) => [key.join(":"), key]));
  const rows = await Promise.all([...distinct.values()].map((key) => find(loaders, key)));
  return rows.filter((row) => row !== null);
}

/**
 * Rows as they change, for all subscribers of this process. Whoever waits is served in turns, so that many changes of one
 * row are one message, and what all subscribers want to know is one statement a turn.
 */
export class LiveUpdates {
  readonly #shared = new SharedLoaders();
  #turn: Promise<void> | null = null;
  #turnEndedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly core: Core,
    private readonly changes: ChangeFeed,
  ) {}

  /**
   * A snapshot first, then each row that has changed and that the teams see, as it stands when it is read: every last state is
   * told at least once. What a turn has read is told together, and never nothing. Ends by itself only when the token it is limited to
   * is gone. `return()` ends it at once, also while it waits.
   * Waits for a database that is away; `next()` throws an AppError, and is the last, when reading takes longer than it may.
   */
  follow<Row>(scoped: Scoped, kind: LiveKind<Row>): AsyncIterableIterator<readonly Row[]> {
    const follower = new Follower(kind.tokenId, kind.only);
    const shared = this.#shared.share(scoped);
    const stops = [
      shared.leave,
      this.changes.listen(kind.topic, (keys) => follower.tell(keys)),
      this.changes.listen("removed_token", (keys) => {
        if (kind.tokenId !== null && keys?.includes(kind.tokenId)) follower.leave();
      }),
    ];
    const leave = () => {
      for (const stop of stops) stop();
      follower.leave();
    };
    const turns = this.turnsOf(shared.loaders, kind, follower, leave);
    return {
      next: () =>
        turns.next().catch((error: unknown) => {
          leave();
          throw error;
        }),
      return: async () => {
        leave();
        return turns.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  private async *turnsOf<Row>(
    loaders: Loaders,
    kind: LiveKind<Row>,
    follower: Follower,
    leave: () => void,
  ): AsyncGenerator<readonly Row[], undefined, undefined> {
    const told: Told = { underWay: new Map(), upTo: null };
    while (await follower.isTold()) {
      await this.nextTurn();
      const rows = await this.read(loaders, kind, follower, told);
      for (const row of rows) {
        const key = kind.keyOf(row);
        if (kind.isUnderWay(row)) told.underWay.set(key.join(":"), key);
        else told.underWay.delete(key.join(":"));
      }
      if (rows.length > 0) yield rows;
    }
    leave();
  }

  private async read<Row>(loaders: Loaders, kind: LiveKind<Row>, follower: Follower, told: Told): Promise<Row[]> {
    const takenAt = this.core.clock.now();
    const keys = follower.take();
    try {
      if (keys === null && (await this.isOver(loaders, kind))) follower.leave();
      const rows = await (keys ? findAll(kind, loaders, keys) : this.readAnew(loaders, kind, told));
      told.upTo = takenAt;
      return rows;
    } catch (error) {
      if (error instanceof AppError && !(error instanceof DatabaseAway)) throw error;
      this.core.log.warn({ error, topic: kind.topic }, "Subscribers cannot be told of changes yet");
      follower.tell(null);
      await sleep(RETRY_MS);
      return [];
    }
  }

  private async readAnew<Row>(loaders: Loaders, kind: LiveKind<Row>, { underWay, upTo }: Told): Promise<Row[]> {
    const rows = await kind.snapshot(loaders, upTo);
    const known = new Set(rows.map((row) => kind.keyOf(row).join(":")));
    const others = [...underWay].flatMap(([name, key]) => (known.has(name) ? [] : [key]));
    return [...rows, ...(await findAll(kind, loaders, others))];
  }

  /** Whether it is limited to a token that is gone, or no longer seen: its removal may have been missed. */
  private async isOver(loaders: Loaders, { tokenId }: Pick<LiveKind<unknown>, "tokenId">): Promise<boolean> {
    return tokenId !== null && (await loaders.find(Token, tokenId)) === null;
  }

  /** Begins at once when the last one is long over; all who ask meanwhile share it. */
  private nextTurn(): Promise<void> {
    const waitMs = Math.max(0, this.#turnEndedAt + TURN_MS - performance.now());
    this.#turn ??= sleep(waitMs).then(() => {
      this.#turn = null;
      this.#turnEndedAt = performance.now();
    });
    return this.#turn;
  }
}
