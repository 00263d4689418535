import { RequestLog as CommonLog, type Outcome } from "../http/request-log.js";

interface Received {
  readonly method: string;
  /** As it came, with the query decoded. */
  readonly path: string;
  /** The JSON sent; null without any, the text where it was not JSON. */
  readonly body: unknown;
  /** Which connection it came over, counted from 1. */
  readonly socket: number;
}

export type LoggedRequest = Received & Outcome;

/** No header is kept, so no credential ever is. */
export class RequestLog extends CommonLog<Received> {
  readonly #sockets = new WeakMap<object, number>();
  #socketCount = 0;

  log(method: string, url: string, bodyText: string, socket: object): LoggedRequest {
    return this.add({ method, path: decoded(url), body: parsed(bodyText), socket: this.#number(socket) });
  }

  #number(socket: object): number {
    const known = this.#sockets.get(socket);
    if (known !== undefined) return known;
    this.#socketCount += 1;
    this.#sockets.set(socket, this.#socketCount);
    return this.#socketCount;
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
