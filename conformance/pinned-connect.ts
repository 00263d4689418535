import { TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { type PinnedCertificate, PluginError } from "../src/plugins/contract.js";

/** How a server proves that it is the one that was asked for. */
interface Proof {
  readonly tls: buildConnector.BuildOptions;
  holds(socket: TLSSocket): boolean;
}

/** Opens sockets to the server of this certificate only, by https. @throws PluginError `config` for one that is none. */
export function pinnedConnect(certificate: PinnedCertificate): buildConnector.connector {
  const { tls, holds } = proofOf(certificate);
  const connect = buildConnector({ ...tls, maxCachedSessions: 0 });
  return (to, callback) => {
    connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error) return callback(error, null);
      if (socket instanceof TLSSocket && holds(socket)) return callback(null, socket);
      socket.destroy();
      callback(
        new PluginError("config", `${to.hostname} does not show the certificate that is in the settings.`),
        null,
      );
    });
  };
}

function proofOf(certificate: PinnedCertificate): Proof {
  if ("authority" in certificate) {
    if (!certificate.authority.includes("-----BEGIN CERTIFICATE-----")) {
      throw new PluginError("config", "The certificate cannot be read: give it as PEM.");
    }
    return { tls: { ca: certificate.authority }, holds: () => true };
  }
  const expected = certificate.sha256.replaceAll(":", "").trim().toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(expected)) throw new PluginError("config", "The fingerprint is not one of SHA-256.");
  return {
    tls: { rejectUnauthorized: false },
    holds: (socket) => socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "") === expected,
  };
}
