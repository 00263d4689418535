import type { ServerResponse } from "node:http";
import { sendText } from "./send-text.js";

/** Sends the whole answer as JSON; nothing happens if the caller has gone meanwhile. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, JSON.stringify(body));
}
