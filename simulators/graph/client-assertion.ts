import { constants, createHash, verify, X509Certificate } from "node:crypto";
import type { AppRegistration } from "./world.js";

/** How a client assertion fails: the code and the words that the real login service has for it. */
export class AssertionError extends Error {}

/**
 * Checks a signed JWT that stands for the secret: RS256 or PS256 by a known certificate, named by `x5t` or `x5t#S256`, of this
 * client, for this address, within its time.
 * @throws AssertionError
 */
export function checkAssertion(assertion: string, registration: AppRegistration, audience: string): void {
  const [head = "", claims = "", signature = ""] = assertion.split(".");
  const { alg, x5t, "x5t#S256": x5tS256 } = parse(head);
  const certificate = registration.certificates
    .map((pem) => new X509Certificate(pem))
    .find((known) => x5t === thumbprint(known, "sha1") || x5tS256 === thumbprint(known, "sha256"));
  if (!certificate)
    throw new AssertionError("AADSTS700027: The certificate used to sign the client assertion is not registered.");
  if (alg !== "RS256" && alg !== "PS256") throw new AssertionError("AADSTS5002738: The algorithm is not supported.");
  const padding = alg === "PS256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const key = { key: certificate.publicKey, padding, ...(alg === "PS256" ? { saltLength: 32 } : {}) };
  if (!verify("sha256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"))) {
    throw new AssertionError("AADSTS700027: The signature of the client assertion is not valid.");
  }
  requireClaims(parse(claims), registration, audience);
}

function requireClaims(claims: Record<string, unknown>, { clientId }: AppRegistration, audience: string): void {
  const now = Date.now() / 1000;
  if (claims.iss !== clientId || claims.sub !== clientId)
    throw new AssertionError("AADSTS700021: iss and sub must be the client.");
  if (claims.aud !== audience) throw new AssertionError("AADSTS50012: The audience of the client assertion is wrong.");
  if (typeof claims.jti !== "string") throw new AssertionError("AADSTS50012: The client assertion has no jti.");
  if (typeof claims.exp !== "number" || claims.exp < now || Number(claims.nbf ?? 0) > now + 300) {
    throw new AssertionError("AADSTS700024: The client assertion is not within its valid time range.");
  }
}

function thumbprint(certificate: X509Certificate, hash: "sha1" | "sha256"): string {
  return createHash(hash).update(certificate.raw).digest("base64url");
}

function parse(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    throw new AssertionError("AADSTS50027: The JWT is invalid.");
  }
}
