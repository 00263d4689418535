import { TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { type PinnedCertificate, PluginError } from "../src/plugins/contract.js";

/** Opens sockets to the server of this certificate only. @throws PluginError `config` for one that is none. */
export function pinnedConnect(certificate: PinnedCertificate): buildConnector.connector {
  if ("authority" in certificate) {
    if (!certificate.authority.includes("-----BEGIN CERTIFICATE-----")) {
      throw new PluginError("config", "The certificate cannot be read: give it as PEM.");
    }
    return buildConnector({ ca: certificate.authority, maxCachedSessions: 0 });
  }
  const expected = certificate.sha256.replaceAll(":", "").trim().toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(expected)) throw new PluginError("config", "The fingerprint is not one of SHA-256.");
  const connect = buildConnector({ rejectUnauthorized: false, maxCachedSessions: 0 });
  return (to, callback) => {
    connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error) return callback(error, null);
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
      if (shown?.replaceAll(":", "") === expected) return callback(null, socket);
      socket.destroy();
      callback(new PluginError("config", `The certificate of ${to.hostname} is not the one in the settings.`), null);
    });
  };
}
