import { createServer, type Server } from "node:http";
import { readBody } from "../../http/read-body.js";
import { sendJson } from "../../http/send-json.js";
import type { Site } from "../model/site.js";

/** Entra's token endpoint, as far as client credentials go. */
export function createEntraServer(site: Site): Server {
  return createServer((request, response) => {
    readBody(request)
      .then((body) => {
        const answer = answerTo(site, request.method, request.url ?? "", new URLSearchParams(body));
        sendJson(response, answer.status, answer.body);
      })
      .catch((error: unknown) => {
        if (!request.destroyed) console.error("The token endpoint failed:", error);
        response.destroy();
      });
  });
}

function answerTo(
  site: Site,
  method: string | undefined,
  url: string,
  form: URLSearchParams,
): { status: number; body: object } {
  const [, tenantId] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url) ?? [];
  if (method !== "POST" || tenantId === undefined) return refused(404, "invalid_request", 900144);
  if (form.get("grant_type") !== "client_credentials") return refused(400, "unsupported_grant_type", 70003);
  const app = site.clientApps.find((one) => one.tenantId === tenantId && one.clientId === form.get("client_id"));
  if (app === undefined) return refused(400, "unauthorized_client", 700016);
  if (app.clientSecret !== form.get("client_secret")) return refused(401, "invalid_client", 7000215);
  if (form.get("scope") !== `${app.resource}/.default`) return refused(400, "invalid_scope", 70011);
  const { token, lifetimeSeconds } = site.tokens.give();
  return { status: 200, body: { token_type: "Bearer", expires_in: lifetimeSeconds, access_token: token } };
}

function refused(status: number, error: string, code: number): { status: number; body: object } {
  return { status, body: { error, error_description: `AADSTS${code}: refused.`, error_codes: [code] } };
}
