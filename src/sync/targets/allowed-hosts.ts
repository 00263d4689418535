import { BlockList, isIP, isIPv4 } from "node:net";
import { PluginError } from "../../plugins/contract.js";

const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:"]);

/** Where clouds tell a machine its own credentials, among others. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet("169.254.0.0", 16, "ipv4");
LINK_LOCAL.addSubnet("fe80::", 10, "ipv6");

/**
 * Refuses an address that must not be asked.
 * @param allowedHosts as `host` or `host:port`, in lower case, IPv6 without brackets; null allows any but link-local ones
 * @throws PluginError `config`.
 */
export function requireAllowedHost(url: URL, allowedHosts: readonly string[] | null): void {
  if (!SCHEMES.has(url.protocol)) {
    throw new PluginError("config", `Only http and https addresses are reached, not ${url.protocol}//.`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  refuseLinkLocal(host, host);
  if (allowedHosts === null) return;
  if (allowedHosts.some((allowed) => asInUrl(allowed) === url.hostname || allowed === url.host)) return;
  throw new PluginError("config", `The host ${host} may not be reached: add it to TARGET_HOSTS.`);
}

/** Refuses a link-local address that a host's name stands for. @throws PluginError `config`. */
export function refuseLinkLocal(host: string, address: string): void {
  if (isIP(address) === 0 || !LINK_LOCAL.check(address, isIPv4(address) ? "ipv4" : "ipv6")) return;
  throw new PluginError("config", `The host ${host} may not be reached: its address is link-local.`);
}

/** A URL has IPv6 addresses in brackets and in their shortest form. */
function asInUrl(host: string): string {
  const ipv6 = `http://[${host}]`;
  return URL.canParse(ipv6) ? new URL(ipv6).hostname : host;
}
