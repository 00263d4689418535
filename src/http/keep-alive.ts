import type { WebSocket } from "ws";

/** An end of the other side that says nothing is noticed within twice this. */
const PING_MS = 12_000;
/** Of RFC 6455's registry: the client may come again. */
const TRY_AGAIN_LATER = 1013;

/**
 * Lets go of a client that has not answered from one ping to the next. One that only does not take what it is sent is told
 * why, behind all that waits for it; one that is gone cannot be told.
 * @returns what ends it.
 */
export function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on("pong", () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (answered) {
      answered = false;
      socket.ping();
    } else if (socket.bufferedAmount > 0) socket.close(TRY_AGAIN_LATER, "Too slow: subscribe again");
    else socket.terminate();
  }, PING_MS);
  return () => clearInterval(timer);
}
