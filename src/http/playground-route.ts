import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { FastifyInstance } from "fastify";
import { playgroundExamples } from "./playground-examples.js";

/** GraphiQL is one script in the page, its workers are made from it; it may reach this server alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** GraphiQL keeps what was typed, a token file too: with the tab it goes. */
const FORGET_WITH_TAB = `<script>Object.defineProperty(window, "localStorage", { value: window.sessionStorage });</script>`;

const HEADERS = JSON.stringify({ Authorization: "Bearer " }, null, 2);

/** Mounts `/playground`: GraphiQL without any request to another host. The page is made when it is first asked for. */
export function addPlaygroundRoute(http: FastifyInstance): void {
  let page: Promise<Buffer> | null = null;
  http.get("/playground", async (request, reply) => {
    page ??= promisify(gzip)(renderPlayground());
    reply.type("text/html; charset=utf-8").header("content-security-policy", CONTENT_SECURITY_POLICY);
    if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return renderPlayground();
    return reply
      .header("content-encoding", "gzip")
      .header("vary", "accept-encoding")
      .send(await page);
  });
}

function renderPlayground(): string {
  const page = renderGraphiQL({
    title: "Allotment Playground",
    endpoint: "/graphql",
    // Subscriptions too, which then come as a stream of events with the same headers as queries.
    method: "POST",
    headers: HEADERS,
    defaultHeaders: HEADERS,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "headers",
    defaultTabs: playgroundExamples.map((query) => ({ query, headers: HEADERS })),
  });
  return page.replace("<head>", `<head>${FORGET_WITH_TAB}`);
}
