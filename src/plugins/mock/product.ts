import { appendFileSync, closeSync, existsSync, openSync, readSync } from "node:fs";

/** One order that the pretended product has taken. */
export interface MockOrder {
  /** The step's key: the same one is never taken twice. */
  readonly key: string;
  readonly action: "install" | "remove";
  readonly adamId: string;
  readonly device: string;
  /** When the product took it, in milliseconds since 1970. */
  readonly at: number;
  /** It was refused: it counts as asked for, and changes nothing. */
  readonly isRefused?: true;
}

/** What the product knows of an order that somebody asks for. */
export interface MockOrderView {
  readonly order: MockOrder;
  /** A later order for the same app and device wants the opposite. */
  readonly isReplaced: boolean;
  /** How many of the same app, device and action came before it. */
  readonly ordinal: number;
}

/** What is known of one app on one device. */
interface Place {
  /** What was ordered last, and how often that has turned. */
  action: MockOrder["action"];
  turn: number;
  readonly orders: Record<MockOrder["action"], number>;
}

const CHUNK = 1024 * 1024;

/**
 * The pretended product: it remembers orders, by key and by app and device. Without a file it lives as long as the
 * process. With one, each order is a line that was appended before the order was answered, and what other processes
 * appended is read first: so it survives `kill -9`, and several processes see one product.
 */
export class MockProduct {
  private readonly orders = new Map<string, { order: MockOrder; turn: number; ordinal: number }>();
  private readonly places = new Map<string, Place>();
  private offset = 0;
  private torn = Buffer.alloc(0);

  constructor(private readonly file: string | null) {}

  /** Takes orders; those whose key is known already stay as they are. */
  take(orders: readonly MockOrder[]): void {
    this.readFile();
    const fresh = [...new Map(orders.map((order) => [order.key, order])).values()].filter(
      (order) => !this.orders.has(order.key),
    );
    if (fresh.length === 0) return;
    if (this.file === null) {
      for (const order of fresh) this.remember(order);
      return;
    }
    // The line break in front ends a line that a killed process has left unfinished.
    appendFileSync(this.file, `\n${fresh.map((order) => JSON.stringify(order)).join("\n")}\n`);
    this.readFile();
  }

  find(key: string): MockOrderView | null {
    const taken = this.orders.get(key);
    if (!taken) return null;
    const { order, turn, ordinal } = taken;
    return { order, isReplaced: this.places.get(placeOf(order))?.turn !== turn, ordinal };
  }

  /** How many orders of that app, device and action there were. */
  countOf(order: Pick<MockOrder, "action" | "adamId" | "device">): number {
    return this.places.get(placeOf(order))?.orders[order.action] ?? 0;
  }

  /** Takes in what the file has got since the last time. */
  readFile(): void {
    if (this.file === null || !existsSync(this.file)) return;
    const descriptor = openSync(this.file, "r");
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (;;) {
        const length = readSync(descriptor, chunk, 0, CHUNK, this.offset);
        if (length === 0) return;
        this.offset += length;
        this.readLines(Buffer.concat([this.torn, chunk.subarray(0, length)]));
      }
    } finally {
      closeSync(descriptor);
    }
  }

  private readLines(text: Buffer): void {
    const end = text.lastIndexOf("\n") + 1;
    this.torn = Buffer.from(text.subarray(end));
    for (const line of text.subarray(0, end).toString("utf8").split("\n")) {
      const order = parseOrder(line);
      if (order) this.remember(order);
    }
  }

  private remember(order: MockOrder): void {
    if (this.orders.has(order.key)) return;
    const name = placeOf(order);
    const place = this.places.get(name) ?? { action: order.action, turn: 0, orders: { install: 0, remove: 0 } };
    this.places.set(name, place);
    if (!order.isRefused && place.action !== order.action) {
      place.action = order.action;
      place.turn += 1;
    }
    this.orders.set(order.key, { order, turn: place.turn, ordinal: place.orders[order.action] });
    place.orders[order.action] += 1;
  }
}

function placeOf({ adamId, device }: Pick<MockOrder, "adamId" | "device">): string {
  return `${adamId} ${device}`;
}

/** Null for an empty line and for one that was cut off by a kill: its order was never answered. */
function parseOrder(line: string): MockOrder | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as MockOrder;
  } catch {
    return null;
  }
}
