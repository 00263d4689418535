import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { generate } from "selfsigned";

export interface ServerCertificate {
  /** The server's certificate and key, as PEM. */
  readonly cert: string;
  readonly key: string;
  /** The authority that signed it, as PEM; the certificate itself where it signed itself. */
  readonly authority: string;
  /** SHA-256, with colons. */
  readonly fingerprint: string;
}

/**
 * A certificate for that host, made now.
 * @param kind signed by itself, as a site makes them, or by an authority of the organisation's.
 */
export async function makeServerCertificate(host: string, kind: "self" | "authority"): Promise<ServerCertificate> {
  const options = { keyType: "ec", algorithm: "sha256" } as const;
  const authority =
    kind === "self"
      ? null
      : await generate([{ name: "commonName", value: "Example Authority" }], {
          ...options,
          extensions: [
            { name: "basicConstraints", cA: true, critical: true },
            { name: "keyUsage", keyCertSign: true, cRLSign: true },
          ],
        });
  const name = isIP(host) === 0 ? ({ type: 2, value: host } as const) : ({ type: 7, ip: host } as const);
  const made = await generate([{ name: "commonName", value: host }], {
    ...options,
    ...(authority ? { ca: { key: authority.private, cert: authority.cert } } : {}),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "subjectAltName", altNames: [name, { type: 2, value: "localhost" }] },
    ],
  });
  return {
    cert: made.cert,
    key: made.private,
    authority: authority?.cert ?? made.cert,
    fingerprint: new X509Certificate(made.cert).fingerprint256,
  };
}
