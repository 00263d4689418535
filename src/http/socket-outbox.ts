import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import type { Patience } from "./patience.js";

/** Of RFC 6455's registry: the client may come again. */
const TRY_AGAIN_LATER = 1013;
/** More does not wait for a client. Subscriptions tell one message at a time, so that one who reads stays below. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** What a message costs that waits, beside its text. */
const MESSAGE_BYTES = 1_024;
const PONG = JSON.stringify({ type: "pong" });
const PROOF_BYTES = 8;
/** What is sent before a ping goes along: one behind all of it would say of a slow client only at the end that it reads. */
const BYTES_A_PING = 64 * 1024;
/** Pings that are open at once: enough for all that may wait here, and about half as much that is on its way. */
const MOST_PROOFS = 384;

/**
 * What a client is sent over its WebSocket, and whether it takes it. One that takes nothing for long, or has more sent than it
 * takes, is let go: told why, behind all that waits for it, and cut off when it does not take that either.
 */
export class SocketOutbox {
  readonly #rounds: NodeJS.Timeout;
  readonly #mostSilentRounds: number;
  #farewell: NodeJS.Timeout | undefined;
  #waitingBytes = 0;
  #silentRounds = 0;
  #pongWaits = false;
  /** What the pings held that are not answered yet, the oldest first: nobody knows it who has not read it. */
  #proofs: Buffer[] = [];
  #bytesSincePing = 0;
  /** Whether it has taken anything since the last round. */
  #takes = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly patience: Patience,
  ) {
    // Rounds are counted, not time: it may be this process that stood still.
    this.#mostSilentRounds = Math.ceil(patience.takenWithinMs / patience.pingMs);
    this.#rounds = setInterval(() => this.look(), patience.pingMs);
    socket.on("pong", (proof: Buffer) => this.hear(proof));
  }

  /** Written whole before the next one is asked for: a slow client gets fewer messages, not a longer queue. */
  send(text: string): Promise<void> {
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.letGo();
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    const textBytes = Buffer.byteLength(text);
    const bytes = textBytes + MESSAGE_BYTES;
    this.#waitingBytes += bytes;
    return new Promise((resolve) => {
      let waited = false;
      this.socket.send(text, () => {
        this.#waitingBytes -= bytes;
        // What had room on the way says nothing of the client.
        if (waited) this.#takes = true;
        resolve();
      });
      waited = this.socket.bufferedAmount > 0;
      this.#bytesSincePing += textBytes;
      if (this.#bytesSincePing >= BYTES_A_PING) this.ping();
    });
  }

  /** Answers a ping of the protocol. One answer that waits is enough for all pings, and what they hold is not sent back. */
  async pong(): Promise<void> {
    if (this.#pongWaits && this.socket.bufferedAmount > 0) return;
    this.#pongWaits = true;
    await this.send(PONG);
    this.#pongWaits = false;
  }

  /** To be called when the socket has closed. */
  stop(): void {
    clearInterval(this.#rounds);
    clearTimeout(this.#farewell);
  }

  private look(): void {
    this.#silentRounds = this.#takes ? 0 : this.#silentRounds + 1;
    this.#takes = false;
    if (this.#silentRounds >= this.#mostSilentRounds) this.letGo();
    else if (this.#proofs.length === 0) this.ping();
  }

  private ping(): void {
    this.#bytesSincePing = 0;
    if (this.#proofs.length >= MOST_PROOFS) return;
    const proof = randomBytes(PROOF_BYTES);
    this.#proofs.push(proof);
    this.socket.ping(proof);
  }

  /** A client need not answer but the last ping that it has read, so that those before it are answered, too. */
  private hear(proof: Buffer): void {
    const at = this.#proofs.findIndex((open) => open.equals(proof));
    if (at < 0) return;
    this.#proofs.splice(0, at + 1);
    this.#takes = true;
  }

  private letGo(): void {
    clearInterval(this.#rounds);
    this.socket.close(TRY_AGAIN_LATER, "Too slow: subscribe again");
    this.#farewell ??= setTimeout(() => this.socket.terminate(), this.patience.farewellMs);
  }
}
