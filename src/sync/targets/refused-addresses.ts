import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";

/** What a range of addresses stands for, where nobody has a product. */
const RANGES: Readonly<Record<string, string>> = {
  linkLocal: "link-local",
  unspecified: "this machine's own",
  loopback: "this machine's own",
  multicast: "of many machines",
  broadcast: "of many machines",
};

/** Where clouds tell a machine its own credentials, outside of the link-local ranges. */
const METADATA: ReadonlySet<string> = new Set([
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
]);

const LOOPBACK_NAME = /^(?:[^.]+\.)*localhost\.?$/;

/** An address of this machine itself, in its plain form. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === "loopback";
}

/** A name that stands for this machine itself, and says so. */
export function isLoopbackName(host: string): boolean {
  return LOOPBACK_NAME.test(host);
}

/**
 * Why an address is never reached, whoever allows it; null when it may be. An IPv6 address that carries an IPv4 one leads
 * there, and is judged by it. This machine's own addresses may be reached in their plain form only.
 */
export function reasonAgainst(address: string): string | null {
  if (!ipaddr.isValid(address)) return "no address of the internet";
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return "a cloud's, of metadata";
  const range = parsed.range();
  if (range !== "loopback" && RANGES[range] !== undefined) return RANGES[range];
  const carried = parsed.kind() === "ipv6" ? carriedBy(parsed as IPv6) : [];
  for (const inner of carried) {
    const reason = RANGES[inner.range()] ?? (METADATA.has(inner.toString()) ? "a cloud's, of metadata" : null);
    if (reason !== null) return reason;
  }
  return null;
}

/** IPv4 addresses inside an IPv6 one: mapped, compatible, translated (NAT64), 6to4, Teredo (server and client), ISATAP. */
function carriedBy(address: IPv6): IPv4[] {
  const bytes = address.toByteArray();
  const at = (start: number, mask = 0) =>
    new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ mask)) as IPv4;
  switch (address.range()) {
    case "ipv4Mapped":
    case "rfc6145":
    case "rfc6052":
      return [at(12)];
    case "6to4":
      return [at(2)];
    case "teredo":
      return [at(4), at(12, 0xff)];
    case "loopback":
      return [];
  }
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0);
  const isIsatap = [0x00, 0x02].includes(bytes[8] ?? 1) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isCompatible || isIsatap ? [at(12)] : [];
}
