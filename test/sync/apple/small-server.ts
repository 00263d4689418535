import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SELF_SIGNED } from "./self-signed.js";

/** What is answered: text and bytes as they are, all else as JSON. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A server of Apple's paths that shares nothing with the simulator: it says what a test wants it to say. */
export interface SmallServer {
  readonly origin: string;
  /** The v2 root. */
  readonly baseUrl: string;
  /** Every request, in the order of arrival. */
  readonly seen: IncomingMessage[];
  /** How many TCP connections were made. */
  connections(): number;
  /** From now on, at a path without its query, e.g. `/mdm/v2/assets`. */
  answer(path: string, reply: Reply | ((request: IncomingMessage) => Reply)): void;
  /** A body whose parts are sent one by one. */
  answerInPieces(path: string, pieces: readonly Uint8Array[]): void;
  close(): Promise<void>;
}

export const LIMITS = { maxAssets: 25, maxClientUserIds: 1000, maxSerialNumbers: 1000, maxUsers: 100 };

/** Answers service/config, and 404 to all else before it is told otherwise. */
export async function startSmallServer({ tls = false } = {}): Promise<SmallServer> {
  const pieces = new Map<string, readonly Uint8Array[]>();
  const replies = new Map<string, Reply | ((request: IncomingMessage) => Reply)>();
  const seen: IncomingMessage[] = [];
  let connections = 0;
  const server = (tls ? createTlsServer(SELF_SIGNED) : createServer()) as Server;
  server.on("connection", () => {
    connections += 1;
  });
  server.on("request", async (request, response) => {
    seen.push(request);
    request.resume();
    const path = (request.url ?? "").split("?")[0] ?? "";
    for (const piece of pieces.get(path) ?? []) {
      response.write(piece);
      await nextTurn();
    }
    if (pieces.has(path)) return void response.end();
    const known = replies.get(path) ?? { status: 404, body: "nothing here" };
    const reply = typeof known === "function" ? known(request) : known;
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(bytesOf(reply.body));
  });
  const port = await listen(server);
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  replies.set("/mdm/v2/service/config", { body: { urls: {}, limits: LIMITS } });
  return {
    origin,
    baseUrl: `${origin}/mdm/v2`,
    seen,
    connections: () => connections,
    answer: (path, reply) => void replies.set(path, reply),
    answerInPieces: (path, parts) => void pieces.set(path, parts),
    close: () => closeServer(server),
  };
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends what is open, too, tunnels included. */
export async function closeServer(server: Server, tunnels: Iterable<Duplex> = []): Promise<void> {
  for (const tunnel of tunnels) tunnel.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function bytesOf(body: unknown): string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}
