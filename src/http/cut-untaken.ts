import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Cuts off an answer that its caller has ceased to take, when the server's time-out has passed. One that is still being made is
 * waited for: mutations take as long as they take.
 */
export function cutUntaken(server: Server): void {
  server.on("request", (_request, response) => response.on("timeout", cutOff));
}

function cutOff(connection: Socket): void {
  if (connection.writableLength > 0) connection.destroy();
}
