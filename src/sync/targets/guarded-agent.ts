import { Agent, buildConnector } from "undici";
import type { PinnedCertificate } from "../../plugins/contract.js";
import { guardedLookup } from "./guarded-lookup.js";
import { readPinnedCertificate } from "./pinned-certificate.js";

const CONNECT_TIMEOUT_MS = 10_000;

export interface GuardedAgentOptions {
  readonly timeoutMs: number;
  /** Sockets a host. */
  readonly connections: number;
  readonly certificate?: PinnedCertificate | undefined;
  /** Called before a socket is opened; what it throws fails the requests that wait for one. */
  readonly beforeConnect?: (origin: string) => void;
}

/**
 * Sockets to addresses that are not link-local, and to the server whose certificate is pinned, if one is.
 * @throws PluginError `config` when it cannot be read.
 */
export function createGuardedAgent(options: GuardedAgentOptions): Agent {
  const { connections, certificate, beforeConnect } = options;
  const proof = certificate && readPinnedCertificate(certificate);
  const connect = buildConnector({
    ...proof?.tls,
    timeout: Math.min(options.timeoutMs, CONNECT_TIMEOUT_MS),
    lookup: guardedLookup,
    ...(proof ? { maxCachedSessions: 0 } : {}),
  });
  return new Agent({
    connections,
    connect: (to, callback) => {
      beforeConnect?.(`${to.protocol}//${to.host}`);
      connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
        if (error) return callback(error, null);
        try {
          proof?.verify(socket, to.hostname);
        } catch (refusal) {
          socket.destroy();
          return callback(refusal as Error, null);
        }
        callback(null, socket);
      });
    },
  });
}
