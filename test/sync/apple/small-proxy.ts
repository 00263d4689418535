import { createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closeServer, listen } from "./small-server.js";

/** A forward proxy that leads every host name to this machine. */
export interface SmallProxy {
  readonly url: string;
  /** What it was asked for: `CONNECT host:port`, or `GET http://host:port/path`. */
  readonly asked: string[];
  /** The headers of what it was asked, in the same order. */
  readonly headers: IncomingMessage["headers"][];
  /** How many TCP connections were made to it. */
  connections(): number;
  close(): Promise<void>;
}

/** @param mode `silent` takes tunnels without ever answering; `refusing` wants an account. */
export async function startSmallProxy(mode: "open" | "silent" | "refusing" = "open"): Promise<SmallProxy> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const sockets = new Set<Duplex>();
  let connections = 0;
  const note = (message: IncomingMessage) => {
    asked.push(`${message.method} ${message.url}`);
    headers.push(message.headers);
  };
  const server = createServer((message, response) => {
    note(message);
    if (mode === "refusing") return void response.writeHead(407).end();
    const { port, pathname, search } = new URL(message.url ?? "");
    const options = {
      host: "127.0.0.1",
      port,
      path: pathname + search,
      method: message.method,
      headers: message.headers,
    };
    const forwarded = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    message.pipe(forwarded);
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.on("connect", (message: IncomingMessage, client: Duplex) => {
    note(message);
    sockets.add(client);
    client.on("error", () => client.destroy());
    if (mode === "silent") return;
    if (mode === "refusing") return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const upstream: Socket = connect(Number(message.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream.on("error", () => client.destroy()));
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    asked,
    headers,
    connections: () => connections,
    close: () => closeServer(server, sockets),
  };
}
