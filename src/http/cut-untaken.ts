import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Cuts off an answer that its caller has ceased to take, when the server's time-out has passed. One that is still being made is
 * waited for: mutations take as long as they take.
 */
export function cutUntaken(http: FastifyInstance): void {
  // Not by the server: of `localhost`, each address has one of its own.
  http.addHook("onRequest", (_request, reply, done) => {
    reply.raw.on("timeout", cutOff);
    done();
  });
}

function cutOff(connection: Socket): void {
  if (connection.writableLength > 0) connection.destroy();
}
