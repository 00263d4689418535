import type { Server } from "node:http";

/** Closes the server at once: open connections, kept alive or waiting for an answer, are cut. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
