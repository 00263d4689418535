type Handler = ((event: object) => void) | null;

/** A WebSocket, as far as the client of graphql-ws knows one. */
class FakeWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly readyState: number = FakeWebSocket.OPEN;
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;

  send(_text: string): void {}

  close(): void {}
}

/** One that nothing is behind. */
export class AwayWebSocket extends FakeWebSocket {
  /** When each was opened, in milliseconds. */
  static attempts: number[] = [];

  constructor() {
    super();
    AwayWebSocket.attempts.push(Date.now());
    queueMicrotask(() => this.onclose?.({ code: 1006, reason: "" }));
  }
}

/** One that is accepted, and then lost without a word. */
export class LostWebSocket extends FakeWebSocket {
  constructor() {
    super();
    queueMicrotask(() => this.onopen?.({}));
  }

  override send(text: string): void {
    if (!text.includes("connection_init")) return;
    queueMicrotask(() => this.onmessage?.({ data: '{"type":"connection_ack"}' }));
  }
}
