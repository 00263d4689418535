import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { type ConnectionOptions, TLSSocket } from "node:tls";
import { type PinnedCertificate, PluginError } from "../../plugins/contract.js";

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_PEM_CHARACTERS = 64 * 1024;

/** How the sockets of a channel tell their server. */
export interface ServerProof {
  readonly tls: Pick<ConnectionOptions, "ca" | "rejectUnauthorized">;
  /** Called before anything is sent. @throws PluginError `config` when the server is another. */
  verify(socket: Socket, host: string): void;
}

/** @throws PluginError `config` when what is pinned is no certificate and no fingerprint. */
export function readPinnedCertificate(pinned: PinnedCertificate): ServerProof {
  if ("sha256" in pinned) {
    const expected = readFingerprint(pinned.sha256);
    // Each handshake shows its certificate: none is taken for granted because of an earlier one.
    return { tls: { rejectUnauthorized: false }, verify: (socket, host) => verifyFingerprint(socket, host, expected) };
  }
  return { tls: { ca: readAuthorities(pinned.authority) }, verify: requireTls };
}

function readFingerprint(text: string): string {
  const digits = text.replaceAll(":", "").trim().toUpperCase();
  if (/^[0-9A-F]{64}$/.test(digits)) return digits;
  throw new PluginError(
    "config",
    "The fingerprint is not one of SHA-256: give 64 hexadecimal digits, with or without colons.",
  );
}

function readAuthorities(pem: string): string[] {
  const blocks = pem.length <= MAX_PEM_CHARACTERS ? (pem.match(PEM_BLOCK) ?? []) : [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block).toString());
  } catch {
    // Told below: what is in it may be a key.
  }
  throw new PluginError(
    "config",
    "The certificate cannot be read: give it as PEM, with the lines BEGIN CERTIFICATE and END CERTIFICATE.",
  );
}

function requireTls(socket: Socket, host: string): TLSSocket {
  if (socket instanceof TLSSocket) return socket;
  throw new PluginError(
    "config",
    `The certificate of ${host} is pinned, so it is reached by https only: correct the address.`,
  );
}

function verifyFingerprint(socket: Socket, host: string, expected: string): void {
  const shown = requireTls(socket, host).getPeerX509Certificate()?.fingerprint256.replaceAll(":", "") ?? "none";
  if (shown === expected) return;
  throw new PluginError(
    "config",
    `The certificate of ${host} is not the one in the settings. If it was replaced on purpose, change the fingerprint there; ` +
      `the server shows ${shown}.`,
  );
}
