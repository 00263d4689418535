import type { FastifyInstance } from "fastify";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};

/** So long a browser asks for nothing here but by https, once it has; a year. */
const ONLY_HTTPS = "max-age=31536000";

/** Answers are for the caller alone, never framed, guessed at or kept; a route may say otherwise of its own. */
export function addSecurityHeaders(http: FastifyInstance): void {
  http.addHook("onSend", ({ protocol }, reply, _payload, done) => {
    if (protocol === "https") reply.header("strict-transport-security", ONLY_HTTPS);
    for (const [name, value] of Object.entries(HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
    done();
  });
}
