import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** An issuer of OpenID Connect on this machine, with real keys over real HTTP. */
export interface TestIssuer {
  readonly issuer: string;
  /** How often its keys were asked for. */
  readonly keyRequests: () => number;
  /** What the next requests are answered with; null as it should be. */
  breakWith(status: number | null): void;
  sign(claims: JWTPayload, changed?: { readonly issuer?: string; readonly expiresIn?: number }): Promise<string>;
  /** The same, signed with what everybody knows. */
  signWithPublicKey(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

export const AUDIENCE = "allotment";

export async function startTestIssuer(): Promise<TestIssuer> {
  const keys = await generateKeyPair("RS256");
  let status: number | null = null;
  let keyRequests = 0;
  const server = createServer(async (request, response) => {
    if (request.url === "/keys") keyRequests += 1;
    const document =
      request.url === "/keys"
        ? { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "the key", alg: "RS256", use: "sig" }] }
        : { issuer, jwks_uri: `${issuer}/keys` };
    response.writeHead(status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const builder = (claims: JWTPayload, alg: string, expiresIn = 300, by = issuer) =>
    new SignJWT({ aud: AUDIENCE, sub: "somebody", ...claims })
      .setProtectedHeader({ alg, kid: "the key" })
      .setIssuer(by)
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
  return {
    issuer,
    keyRequests: () => keyRequests,
    breakWith: (code) => {
      status = code;
    },
    sign: (claims, { issuer: by, expiresIn } = {}) => builder(claims, "RS256", expiresIn, by).sign(keys.privateKey),
    signWithPublicKey: async (claims) =>
      builder(claims, "HS256").sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
