import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Opens the server and answers its origin, e.g. `http://127.0.0.1:5001`.
 * @param port 0 takes any free port.
 * @throws the system's error (such as EADDRINUSE) if the port cannot be opened.
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
