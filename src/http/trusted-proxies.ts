import proxyAddr from "@fastify/proxy-addr";

/** So many proxies stand before us, or these: addresses, networks, or `loopback`, `linklocal` and `uniquelocal`. */
export type TrustedProxies = number | readonly string[];

/** Whether an address, so many hops away, is a proxy of ours that says truly whom it speaks for. */
export type Trust = (address: string, hop: number) => boolean;

export function trustOf(proxies: TrustedProxies | null): Trust {
  if (proxies === null) return () => false;
  return typeof proxies === "number" ? (_, hop) => hop < proxies : proxyAddr.compile([...proxies]);
}
