import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TlsServer {
  /** E.g. `https://127.0.0.1:5001`. */
  readonly url: string;
  /** New sockets are shown this certificate. */
  change(certificate: TestCertificate): void;
  /** How many sockets are open. */
  sockets(): Promise<number>;
  stop(): Promise<void>;
}

/** @param options without `ip` it is an authority's; without `issuer` it signs itself. */
export async function makeCertificate(
  name: string,
  options: { ip?: string; issuer?: TestCertificate; notAfterDate?: Date } = {},
): Promise<TestCertificate> {
  const { ip, issuer, notAfterDate } = options;
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 2 * 86_400_000),
    ...(notAfterDate ? { notAfterDate } : {}),
    ...(issuer ? { ca: issuer } : {}),
    extensions: [
      { name: "basicConstraints", cA: ip === undefined, critical: true },
      ...(ip === undefined
        ? [{ name: "keyUsage" as const, keyCertSign: true, cRLSign: true }]
        : [{ name: "subjectAltName" as const, altNames: [{ type: 7 as const, ip }] }]),
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Longer than a test waits for a socket to be closed by the other side. */
const KEEP_ALIVE_MS = 120_000;

/** Serves https on a free port of this machine. */
export async function startTlsServer(
  { cert, key }: TestCertificate,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TlsServer> {
  const server = createServer({ cert, key, keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: (certificate) => server.setSecureContext(certificate),
    sockets: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
