import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

/** One HTML document that holds its scripts and styles. */
export interface Page {
  readonly html: string;
  /** What it may do beside running its own scripts and asking this server, as directives of a Content-Security-Policy. */
  readonly allows: readonly string[];
}

interface ReadyPage {
  readonly html: string;
  readonly gzipped: Buffer;
  readonly policy: string;
}

/** Mounts a page, without a key: it holds no data. It is made when it is first asked for, and reaches no host but this one. */
export function addPage(http: FastifyInstance, url: string, make: () => Promise<Page>): void {
  let ready: Promise<ReadyPage> | null = null;
  http.get(url, async (request, reply) => {
    ready ??= prepare(make);
    const { html, gzipped, policy } = await ready.catch((error: unknown) => {
      ready = null;
      throw error;
    });
    reply.type("text/html; charset=utf-8").header("content-security-policy", policy).header("vary", "accept-encoding");
    if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return html;
    return reply.header("content-encoding", "gzip").send(gzipped);
  });
}

async function prepare(make: () => Promise<Page>): Promise<ReadyPage> {
  const { html, allows } = await make();
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = ""]) => sourceOf(script));
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.join(" ")}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...allows,
  ].join("; ");
  return { html, gzipped: await promisify(gzip)(html), policy };
}

/** A script or a style by its hash: with these named a browser takes no other, whatever finds its way into the page. */
export function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
