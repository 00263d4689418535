import type { ServerResponse } from "node:http";

/** Sends the whole answer, JSON unless a header says otherwise; nothing happens if the caller has gone meanwhile. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed || response.writableEnded) return;
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    "content-type": "application/json;charset=utf-8",
    "content-length": bytes.length,
    ...headers,
  });
  response.end(bytes);
}
