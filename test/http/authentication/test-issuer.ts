import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** An issuer of OpenID Connect on this machine, with real keys over real HTTP. */
export interface TestIssuer {
  readonly issuer: string;
  /** How often its keys were asked for. */
  readonly keyRequests: () => number;
  /** What the next requests are answered with: a status, or a connection that is cut; null as it should be. */
  breakWith(fault: number | "cut" | null): void;
  sign(claims: JWTPayload, changed?: Changed): Promise<string>;
  /** From now on it signs with another key, of that name, and tells of no other. */
  changeKey(kid: string): Promise<void>;
  /** The same, signed with what everybody knows. */
  signWithPublicKey(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

interface Changed {
  readonly issuer?: string;
  readonly expiresIn?: number;
  readonly kid?: string;
}

export const AUDIENCE = "allotment";

export async function startTestIssuer(): Promise<TestIssuer> {
  let keys = await generateKeyPair("RS256");
  let named = "the key";
  let fault: number | "cut" | null = null;
  let keyRequests = 0;
  const server = createServer(async (request, response) => {
    if (request.url === "/keys") keyRequests += 1;
    if (fault === "cut") return void request.socket.destroy();
    const document =
      request.url === "/keys"
        ? { keys: [{ ...(await exportJWK(keys.publicKey)), kid: named, alg: "RS256", use: "sig" }] }
        : { issuer, jwks_uri: `${issuer}/keys` };
    response.writeHead(fault ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const builder = (
    claims: JWTPayload,
    alg: string,
    { expiresIn = 300, issuer: by = issuer, kid = named }: Changed = {},
  ) =>
    new SignJWT({ aud: AUDIENCE, sub: "somebody", ...claims })
      .setProtectedHeader({ alg, kid })
      .setIssuer(by)
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
  return {
    issuer,
    keyRequests: () => keyRequests,
    breakWith: (wanted) => {
      fault = wanted;
    },
    sign: (claims, changed) => builder(claims, "RS256", changed).sign(keys.privateKey),
    async changeKey(kid) {
      keys = await generateKeyPair("RS256");
      named = kid;
    },
    signWithPublicKey: async (claims) =>
      builder(claims, "HS256").sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
