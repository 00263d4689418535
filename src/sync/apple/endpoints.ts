import type { ServiceConfig } from "./wire.js";

/** The keys of service/config's `urls` that we call, with the paths Apple documents for them. */
const DOCUMENTED_PATHS = {
  clientConfig: "client/config",
  getAssets: "assets",
  getAssignments: "assignments",
  getUsers: "users",
  associateAssets: "assets/associate",
  disassociateAssets: "assets/disassociate",
  createUsers: "users/create",
  retireUsers: "users/retire",
  eventStatus: "status",
} as const;

export type Endpoint = keyof typeof DOCUMENTED_PATHS;

const APPLE_HOSTS = ".apple.com";

/**
 * Where an endpoint is. The address in service/config counts as long as it stays at the configured server or, where that is
 * Apple's, at Apple, since the token goes there; otherwise, and where it is missing, the documented path does.
 */
export function endpointUrl(config: Pick<ServiceConfig, "urls">, baseUrl: string, endpoint: Endpoint): URL {
  const base = new URL(baseUrl);
  const named = urlOrNull(config.urls[endpoint], baseUrl);
  const trusted = named?.origin === base.origin || (named && isApple(named) && isApple(base));
  return named && trusted ? named : new URL(DOCUMENTED_PATHS[endpoint], base);
}

/** Whether a token may be shown to the store's lookup there: at Apple, or at the configured server itself. */
export function mayShowToken(url: URL, baseUrl: string): boolean {
  return url.origin === new URL(baseUrl).origin || isApple(url);
}

function isApple({ protocol, hostname }: URL): boolean {
  return protocol === "https:" && hostname.endsWith(APPLE_HOSTS);
}

export function urlOrNull(address: string | undefined, baseUrl: string): URL | null {
  if (address === undefined || !URL.canParse(address, baseUrl)) return null;
  return new URL(address, baseUrl);
}
