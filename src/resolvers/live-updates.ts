import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../entities/node.js";
import { Token } from "../entities/token.js";
import { AppError } from "../errors.js";
import { keyOf, type NodeClass, type NodeKey } from "../queries/node-key.js";
import type { Scoped } from "../queries/scopes.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed, ChangeTopic } from "../sync/watch/change-feed.js";
import { Follower } from "./follower.js";
import { Loaders } from "./loaders.js";

/** How often, at most, a subscriber is told of the same object, in milliseconds of real time. */
const TURN_MS = 200;
/** How long to wait when the database cannot be read. */
const RETRY_MS = 1_000;

/** How what a subscriber is told of is found again by its key. */
export interface LiveRows<Row> {
  /** Null when it is gone, or not seen. */
  find(loaders: Loaders, key: NodeKey): Promise<Row | null>;
  keyOf(row: Row): NodeKey;
}

/** Objects as they stand when they are read. */
export function nodesOf<Row extends Node>(node: NodeClass<Row>): LiveRows<Row> {
  return { find: (loaders, key) => loaders.find(node, ...key), keyOf };
}

/** What a subscription is about. */
export interface LiveKind<Row> {
  readonly rows: LiveRows<Row>;
  readonly topic: ChangeTopic;
  /** Only rows of this token; null for all. */
  readonly tokenId: string | null;
  /** Only these rows, their keys joined by ":"; all, if left out. */
  readonly only?: ReadonlySet<string>;
  /** What a subscriber is told first, and again when changes may have been missed. */
  snapshot(): Promise<readonly NodeKey[]>;
  /** Whether a row that a subscriber was told of must be told of again once it is over, whatever comes after it. */
  isUnderWay(row: Row): boolean;
}

/**
 * Rows as they change, for all subscribers of this process. Whoever waits is served in turns, so that many changes of one
 * row are one message, and what all subscribers want to know is one statement a turn.
 */
export class LiveUpdates {
  /** By the teams that are seen: whoever sees the same shares its statements. */
  readonly #loaders = new Map<string, Loaders>();
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
    const stops = [
      this.changes.listen(kind.topic, (keys) => follower.tell(keys)),
      this.changes.listen("removed_token", (keys) => {
        if (kind.tokenId !== null && keys?.includes(kind.tokenId)) follower.leave();
      }),
    ];
    const leave = () => {
      for (const stop of stops) stop();
      follower.leave();
    };
    const turns = this.turnsOf(this.loadersFor(scoped), kind, follower, leave);
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

  private loadersFor(scoped: Scoped): Loaders {
    const key = JSON.stringify(scoped.teams?.toSorted() ?? null);
    const known = this.#loaders.get(key) ?? new Loaders(scoped);
    this.#loaders.set(key, known);
    return known;
  }

  private async *turnsOf<Row>(
    loaders: Loaders,
    kind: LiveKind<Row>,
    follower: Follower,
    leave: () => void,
  ): AsyncGenerator<readonly Row[], undefined, undefined> {
    const underWay = new Map<string, NodeKey>();
    while (await follower.isTold()) {
      await this.nextTurn();
      const rows = await this.read(loaders, kind, follower, underWay);
      for (const row of rows) {
        const key = kind.rows.keyOf(row);
        if (kind.isUnderWay(row)) underWay.set(key.join(":"), key);
        else underWay.delete(key.join(":"));
      }
      if (rows.length > 0) yield rows;
    }
    leave();
  }

  private async read<Row>(
    loaders: Loaders,
    kind: LiveKind<Row>,
    follower: Follower,
    underWay: ReadonlyMap<string, NodeKey>,
  ): Promise<Row[]> {
    const told = follower.take();
    try {
      if (told === null && (await this.isOver(loaders, kind))) follower.leave();
      const keys = told ?? [...(await kind.snapshot()), ...underWay.values()];
      const distinct = new Map(keys.map((key) => [key.join(":"), key]));
      const rows = await Promise.all([...distinct.values()].map((key) => kind.rows.find(loaders, key)));
      return rows.filter((row) => row !== null);
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.core.log.warn({ error, topic: kind.topic }, "Subscribers cannot be told of changes yet");
      follower.tell(null);
      await sleep(RETRY_MS);
      return [];
    }
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
