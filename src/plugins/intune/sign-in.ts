import { createHash, X509Certificate } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import { PluginError, type PluginTools } from "../contract.js";
import { readRetryAfter } from "./failure.js";
import { requestJson } from "./request-json.js";
import type { ClientCertificate, IntuneSettings } from "./settings.js";
import { accessTokenShape, loginErrorShape } from "./wire.js";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ASSERTION_MINUTES = 10;
/** A token is not used in its last minute. */
const MARGIN_MS = 60_000;

/** Access tokens by client credentials, kept while they are good. */
export interface SignIn {
  /** @throws PluginError `config` when the credentials are refused. */
  token(signal: AbortSignal): Promise<string>;
  /** The token was refused: the next call gets a new one. */
  forget(token: string): void;
  /** Takes secrets and tokens out of a text. */
  hide(text: string): string;
}

interface Held {
  readonly token: string;
  readonly until: number;
}

/** @throws PluginError `config` unless there is one credential, and a key that fits. */
export async function createSignIn(settings: IntuneSettings, tools: PluginTools): Promise<SignIn> {
  const { clientSecret, clientCertificate } = settings;
  if ((clientSecret === undefined) === (clientCertificate === undefined)) {
    throw new PluginError("config", "Give the settings either a clientSecret or a clientCertificate.");
  }
  const url = `${settings.loginUrl}/${settings.tenantId}/oauth2/v2.0/token`;
  const credential = clientCertificate
    ? await certificateCredential(settings.clientId, clientCertificate, url, tools)
    : async () => ({ client_secret: clientSecret ?? "" });
  let held: Held | null = null;
  return {
    async token(signal) {
      if (held && held.until > tools.now().getTime()) return held.token;
      held = await requestToken(settings, url, await credential(), tools, signal);
      return held.token;
    },
    forget(token) {
      if (held?.token === token) held = null;
    },
    hide(text) {
      const secrets = [clientSecret, held?.token, clientCertificate?.privateKey];
      return secrets.reduce<string>((shown, value) => (value ? shown.replaceAll(value, "(hidden)") : shown), text);
    },
  };
}

async function requestToken(
  { clientId, graphUrl }: IntuneSettings,
  url: string,
  credential: Record<string, string>,
  tools: PluginTools,
  signal: AbortSignal,
): Promise<Held> {
  const body = new URLSearchParams({
    client_id: clientId,
    scope: `${graphUrl}/.default`,
    grant_type: "client_credentials",
    ...credential,
  });
  const { status, headers, json } = await requestJson(tools, "The login service", url, {
    method: "POST",
    body,
    signal,
  });
  const granted = accessTokenShape.safeParse(json);
  if (status === 200 && granted.success) {
    const { access_token: token, expires_in: seconds } = granted.data;
    return { token, until: tools.now().getTime() + Math.max(seconds * 1000 - MARGIN_MS, 0) };
  }
  throw refusedSignIn(status, json, readRetryAfter(headers.get("retry-after"), tools.now()));
}

/** Of what the service says only its codes are told: its sentences may repeat what was sent. */
function refusedSignIn(status: number, json: unknown, retryAfterMs: number | undefined): PluginError {
  const read = loginErrorShape.safeParse(json);
  const error = (read.success && /^[a-z_]{1,40}$/.exec(read.data.error ?? "")?.[0]) || null;
  const code = (read.success && /AADSTS\d{1,9}/.exec(read.data.error_description ?? "")?.[0]) || null;
  const words = [error, code].filter((word) => word !== null).join(", ");
  if (status === 429 || status >= 500 || error === "temporarily_unavailable") {
    return new PluginError(
      "transient",
      `The login service answered ${status}.`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  return new PluginError(
    "config",
    `The login service refuses the sign-in (${words || `HTTP ${status}`}): check tenantId, clientId and the secret or certificate, which may have expired.`,
    { ...(code === null ? {} : { vendorCode: code }) },
  );
}

/** A signed JWT instead of the secret: the certificate is named by its thumbprints, and never sent. */
async function certificateCredential(
  clientId: string,
  { certificate, privateKey, algorithm }: ClientCertificate,
  audience: string,
  tools: PluginTools,
): Promise<() => Promise<Record<string, string>>> {
  const { key, thumbprints } = await readCertificate(certificate, privateKey, algorithm);
  return async () => {
    const now = Math.floor(tools.now().getTime() / 1000);
    const assertion = await new SignJWT({ jti: randomId(tools) })
      .setProtectedHeader({ alg: algorithm, typ: "JWT", ...thumbprints })
      .setAudience(audience)
      .setIssuer(clientId)
      .setSubject(clientId)
      .setNotBefore(now)
      .setIssuedAt(now)
      .setExpirationTime(now + ASSERTION_MINUTES * 60)
      .sign(key);
    return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  };
}

async function readCertificate(certificate: string, privateKey: string, algorithm: string) {
  try {
    const { raw } = new X509Certificate(certificate);
    const thumbprint = (hash: string) => createHash(hash).update(raw).digest("base64url");
    return {
      key: await importPKCS8(privateKey, algorithm),
      thumbprints: { x5t: thumbprint("sha1"), "x5t#S256": thumbprint("sha256") },
    };
  } catch {
    throw new PluginError(
      "config",
      "The client certificate cannot be used: give the certificate and its RSA key as PEM, the key in PKCS #8 without a passphrase.",
    );
  }
}

/** Chance comes from the tools alone. */
export function randomId({ random }: Pick<PluginTools, "random">): string {
  const digit = (char: string) =>
    (char === "y" ? 8 + Math.floor(random() * 4) : Math.floor(random() * 16)).toString(16);
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, digit);
}
