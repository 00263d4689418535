import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { WebhookRequest } from "../src/plugins/contract.js";

/** What the core keeps of an event's headers: no proof of who called. */
const KEPT: ReadonlySet<string> = new Set(["content-type", "content-length", "user-agent", "date"]);
const PROOF = /key|secret|token|auth|signature|credential|pass|cookie|session/;

/** Where the product's webhooks arrive. */
export interface WebhookInbox {
  readonly url: string;
  /** What has come since the last time, oldest first. */
  take(): WebhookRequest[];
  close(): Promise<void>;
}

export async function openWebhookInbox(): Promise<WebhookInbox> {
  let events: WebhookRequest[] = [];
  const server = createServer((request, response) => {
    buffer(request).then((body) => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
      events.push({ headers: Object.fromEntries(headers), body: new Uint8Array(body), receivedAt: new Date() });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    take() {
      const taken = events;
      events = [];
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The event as it is saved, and so as `read` gets it. */
export function asSaved(event: WebhookRequest): WebhookRequest {
  const headers = Object.entries(event.headers).filter(([name]) => isKept(name));
  return { ...event, headers: Object.fromEntries(headers) };
}

function isKept(name: string): boolean {
  return KEPT.has(name) || (name.startsWith("x-") && !PROOF.test(name));
}
