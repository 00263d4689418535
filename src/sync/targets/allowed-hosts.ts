import { isIP } from "node:net";
import { PluginError } from "../../plugins/contract.js";
import { isLoopback, isLoopbackName, reasonAgainst } from "./refused-addresses.js";

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Names under which clouds tell a machine its own credentials: refused also where no resolver knows them. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  "instance-data",
  "instance-data.ec2.internal",
  "metadata",
  "metadata.goog",
  "metadata.google.internal",
  "metadata.tencentyun.com",
]);

/**
 * Refuses an address that must not be asked.
 * @param allowedHosts as `host`, `host:port` or `[ipv6]:port`, in lower case, IPv6 without a port also without brackets; null
 * allows any but those that are never reached
 * @throws PluginError `config`.
 */
export function requireAllowedHost(url: URL, allowedHosts: readonly string[] | null): void {
  const usualPort = DEFAULT_PORTS[url.protocol];
  if (usualPort === undefined) {
    throw new PluginError("config", `Only http and https addresses are reached, not ${url.protocol}//.`);
  }
  const host = withoutDot(url.hostname);
  const shown = host.replace(/^\[|\]$/g, "");
  if (METADATA_NAMES.has(host)) throw refusal(shown, "a cloud's, of metadata");
  if (isIP(shown) !== 0) refuseAddress(shown, shown);
  if (allowedHosts === null) return;
  if (allowedHosts.map(asInUrl).some((allowed) => allowed === host || allowed === `${host}:${url.port || usualPort}`))
    return;
  throw new PluginError("config", `The host ${shown} may not be reached: add it to TARGET_HOSTS.`);
}

/**
 * Refuses what a host's name stands for: an address that is never reached, or this machine itself where the name does not
 * say so, since whoever gives out names could lead us to what listens here alone.
 * @throws PluginError `config`.
 */
export function refuseAddress(host: string, address: string): void {
  const reason = reasonAgainst(address);
  if (reason !== null) throw refusal(host, reason);
  if (host === address || !isLoopback(address) || isLoopbackName(host)) return;
  throw new PluginError(
    "config",
    `The host ${host} may not be reached: its name stands for this machine itself. If that is meant, say localhost.`,
  );
}

function refusal(host: string, reason: string): PluginError {
  return new PluginError("config", `The host ${host} may not be reached: its address is ${reason}.`);
}

/** A name with a dot at its end is the same name. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, "");
}

/** A URL has IPv6 addresses in brackets and in their shortest form. */
function asInUrl(host: string): string {
  const [, inner, port] = /^\[(.*)\]:(\d+)$/.exec(host) ?? [];
  if (inner !== undefined) return `${asInUrl(inner)}:${port}`;
  const ipv6 = `http://[${host}]`;
  return URL.canParse(ipv6) ? new URL(ipv6).hostname : withoutDot(host);
}
