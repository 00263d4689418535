import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Cuts connections over which nothing was asked yet, when the server closes: browsers open some beforehand, and Node takes them
 * for busy, and would wait for them.
 */
export function cutUnused(http: FastifyInstance): void {
  const connections = new Set<Socket>();
  http.server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  http.addHook("preClose", async () => {
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
  });
}
