import { z } from "zod";
import { type Channel, PluginError, type PluginTools } from "../../contract.js";
import type { SignIn } from "./sign-in.js";

/** An app of Entra's that may ask for tokens. */
export interface EntraApp {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The URI of the server app. */
  readonly resource: string;
  readonly authorityUrl: string;
}

interface AccessToken {
  readonly text: string;
  /** In ms since the epoch. */
  readonly goodUntil: number;
}

/** A token this close to its end is not used any more. */
const MARGIN_MS = 60_000;

const granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
const refusal = z.object({ error: z.string(), error_codes: z.array(z.number()).optional() });

/**
 * A bearer token by client credentials, for the way through the cloud management gateway. Microsoft describes users who
 * sign in there, and says nothing of apps: whether the site lets one in, `check` shows.
 */
export function signInByEntra(app: EntraApp, channel: Channel, { fetch, now }: PluginTools): SignIn {
  let token: AccessToken | null = null;
  return {
    secrets: () => [app.clientSecret, ...(token ? [token.text] : [])],
    async send({ url, method, headers, body }, signal) {
      const isFresh = token === null || token.goodUntil <= now().getTime();
      const used = isFresh || token === null ? await askForToken(app, fetch, now, signal) : token;
      token = used;
      const answer = await channel.fetch(url, {
        method,
        headers: { ...headers, authorization: `Bearer ${used.text}` },
        signal,
        ...(body === undefined ? {} : { body }),
      });
      if (answer.status !== 401) return answer;
      token = null;
      // One that was good before may have been withdrawn: the next call asks for another.
      if (!isFresh)
        throw new PluginError("transient", "The gateway does not accept the token any more; a new one is asked for.");
      return answer;
    },
  };
}

async function askForToken(
  { authorityUrl, tenantId, clientId, clientSecret, resource }: EntraApp,
  fetch: PluginTools["fetch"],
  now: PluginTools["now"],
  signal: AbortSignal,
): Promise<AccessToken> {
  const askedAt = now().getTime();
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(`${authorityUrl.replace(/\/+$/, "")}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({ ...form, scope: `${resource}/.default` }).toString(),
    signal,
  });
  const body: unknown = await answer.json().catch(() => null);
  const read = granted.safeParse(body);
  if (answer.ok && read.success) {
    return { text: read.data.access_token, goodUntil: askedAt + read.data.expires_in * 1000 - MARGIN_MS };
  }
  throw refused(answer.status, body);
}

function refused(status: number, body: unknown): PluginError {
  if (status === 429 || status >= 500)
    return new PluginError("transient", `Entra answered ${status} to a request for a token.`);
  const read = refusal.safeParse(body);
  if (!read.success)
    return new PluginError("internal", `Entra answered ${status} to a request for a token, and not as documented.`);
  const { error, error_codes: codes = [] } = read.data;
  const vendorCode = codes[0] === undefined ? error : `AADSTS${codes[0]}`;
  return new PluginError(
    "config",
    `Entra gives no token (${vendorCode}): check tenant, client, its secret and the resource in the settings.`,
    { vendorCode },
  );
}
