import type { LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { PinnedCertificate } from "../../plugins/contract.js";
import { guardLookup } from "./guarded-lookup.js";
import { readPinnedCertificate } from "./pinned-certificate.js";

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS = 16;

export interface GuardedSocketOptions {
  readonly timeoutMs: number;
  readonly certificate?: PinnedCertificate | undefined;
  /** How names are looked up; left out, as the system does. */
  readonly lookup?: LookupFunction | undefined;
}

/** Sockets of the kind that `createGuardedConnect` opens, some a host. @throws PluginError as that does. */
export function createGuardedAgent(options: GuardedSocketOptions): Agent {
  return new Agent({ connections: CONNECTIONS, connect: createGuardedConnect(options) });
}

/**
 * Opens sockets to addresses that may be reached, and to the server whose certificate is pinned, if one is.
 * @throws PluginError `config` when that certificate cannot be read.
 */
export function createGuardedConnect({
  timeoutMs,
  certificate,
  lookup,
}: GuardedSocketOptions): buildConnector.connector {
  const proof = certificate && readPinnedCertificate(certificate);
  const connect = buildConnector({
    ...proof?.tls,
    timeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    lookup: guardLookup(lookup),
    ...(proof ? { maxCachedSessions: 0 } : {}),
  });
  if (!proof) return connect;
  return (to, callback) => {
    connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error) return callback(error, null);
      try {
        proof.verify(socket, to.hostname);
      } catch (refusal) {
        socket.destroy();
        return callback(refusal as Error, null);
      }
      callback(null, socket);
    });
  };
}
