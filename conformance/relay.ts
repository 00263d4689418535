import {
  createServer,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** What goes wrong between plugin and product. */
export type Fault =
  /** The kit answers in the product's place. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** So, with all that was sent in the body. */
  | { readonly kind: "echo"; readonly status: number }
  /** No answer comes. */
  | { readonly kind: "hang" }
  /** The answer comes in two halves, each after a while. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: "cut" }
  /** Half of the answer comes, and looks whole. */
  | { readonly kind: "halve" }
  /** The product does what it was asked, and the answer is lost. */
  | { readonly kind: "lose" };

/** A request as it came by. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
  /** It came through the tools that the plugin was given. */
  readonly isOurs: boolean;
}

interface Answer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** By which the kit knows requests that went through its own tools. */
export const MARK = "x-conformance";

/** The kit's own server, in front of the product. */
export interface Relay {
  readonly address: string;
  /** All requests so far. */
  readonly requests: readonly SeenRequest[];
  /** From now on this goes wrong with every request, or with those whose number from now on, from 0, is chosen; null mends it. */
  fail(fault: Fault | null, isHit?: (number: number) => boolean): void;
  /** Nobody listens any more. */
  die(): Promise<void>;
}

export async function startRelay(product: { address: string; tls?: { key: string; cert: string } }): Promise<Relay> {
  const requests: SeenRequest[] = [];
  let fault: Fault | null = null;
  let isHit = (_number: number): boolean => true;
  let number = 0;
  const forward = createForward(product.address);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    requests.push(seen(request, body));
    const present = fault !== null && isHit(number++) ? fault : null;
    await answer(response, present, request, body, () => forward(request, body));
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = product.tls ? createTlsServer(product.tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${product.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    fail(next, chosen = () => true) {
      fault = next;
      isHit = chosen;
      number = 0;
    },
    async die() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  response: ServerResponse,
  fault: Fault | null,
  request: IncomingMessage,
  body: Buffer,
  forward: () => Promise<Answer>,
): Promise<void> {
  switch (fault?.kind) {
    case "hang":
      return;
    case "answer":
      response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? "");
      return;
    case "echo": {
      const headers = request.rawHeaders.join("\n");
      response.writeHead(fault.status, { "content-type": "text/plain" }).end(`You sent:\n${headers}\n\n${body}`);
      return;
    }
    case "lose":
      await forward();
      response.destroy();
      return;
    default:
      await pass(response, fault ?? null, await forward());
  }
}

/** Passes the product's answer on, whole or in halves. */
async function pass(response: ServerResponse, fault: Fault | null, found: Answer): Promise<void> {
  const half = found.body.subarray(0, Math.floor(found.body.length / 2));
  if (fault?.kind === "slow") await sleep(fault.delayMs);
  const body = fault?.kind === "halve" ? half : found.body;
  const mayHaveBody = found.status !== 204 && found.status !== 304;
  response.writeHead(found.status, [...found.headers, ...(mayHaveBody ? ["content-length", String(body.length)] : [])]);
  if (fault?.kind === "cut") {
    response.write(half, () => response.destroy());
    return;
  }
  if (fault?.kind !== "slow") return void response.end(body);
  response.write(half);
  await sleep(fault.delayMs);
  response.end(found.body.subarray(half.length));
}

function seen(request: IncomingMessage, body: Buffer): SeenRequest {
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    authorization: request.headers.authorization ?? null,
    body: body.toString("utf8"),
    isOurs: request.headers[MARK] !== undefined,
  };
}

/** Each socket of the plugin's has one to the product, since some products know a caller by the socket. */
function createForward(address: string): (request: IncomingMessage, body: Buffer) => Promise<Answer> {
  const isTls = address.startsWith("https:");
  const agents = new WeakMap<Socket, PlainAgent>();
  const agentOf = (socket: Socket): PlainAgent => {
    const known = agents.get(socket);
    if (known) return known;
    const options = { keepAlive: true, maxSockets: 1 };
    // The product is the author's own, on this machine: who it is needs no proof.
    const agent = isTls ? new TlsAgent({ ...options, rejectUnauthorized: false }) : new PlainAgent(options);
    agents.set(socket, agent);
    socket.once("close", () => agent.destroy());
    return agent;
  };
  return (request, body) =>
    new Promise((resolve, reject) => {
      const headers = without(request.rawHeaders, [MARK, "transfer-encoding", "content-length"]);
      const send = isTls ? tlsRequest : plainRequest;
      const sent = send(
        new URL(request.url ?? "/", address),
        { method: request.method, agent: agentOf(request.socket), setHost: false },
        (response) => {
          buffer(response).then((found) => {
            const kept = without(response.rawHeaders, [
              "transfer-encoding",
              "content-length",
              "connection",
              "keep-alive",
            ]);
            resolve({ status: response.statusCode ?? 502, headers: kept, body: found });
          }, reject);
        },
      );
      for (let at = 0; at < headers.length; at += 2) sent.appendHeader(headers[at] ?? "", headers[at + 1] ?? "");
      if (body.length > 0) sent.setHeader("content-length", body.length);
      sent.on("error", reject);
      sent.end(body);
    });
}

function without(rawHeaders: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""];
    if (!names.includes(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
