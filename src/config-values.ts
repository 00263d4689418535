import { isIP, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { validate as isCronExpression } from "node-cron";
import { z } from "zod";

/** How the text of a variable becomes a value. No message repeats the text: it may be a secret in the wrong place. */

export const text = () => z.string();

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((given) => isWholeNumber(given, least, most), {
      error: `is not a whole number from ${least} to ${most}`,
    })
    .transform(Number);

/** Comma-separated whole numbers, at least one; each once, descending. */
export const wholeNumbers = (least: number, most: number) =>
  list()
    .refine((given) => given.length > 0 && given.every((item) => isWholeNumber(item, least, most)), {
      error: `is not a comma-separated list of whole numbers from ${least} to ${most}`,
    })
    .transform((given) => [...new Set(given.map(Number))].sort((a, b) => b - a));

export const numberOf = (least: number, most: number) =>
  z
    .string()
    .refine((given) => /^\d+(\.\d+)?$/.test(given) && Number(given) >= least && Number(given) <= most, {
      error: `is not a number from ${least} to ${most}`,
    })
    .transform(Number);

export const yesOrNo = () =>
  z.enum(["true", "false"], { error: "is neither true nor false" }).transform((given) => given === "true");

export const oneOf = <const Value extends string>(values: readonly Value[]) =>
  z.enum(values, { error: `is not one of ${values.join(", ")}` });

/** Comma-separated, at least one, each once. */
export const listOf = <const Value extends string>(values: readonly Value[]) =>
  list()
    .refine((given) => given.length > 0 && given.every((item) => (values as readonly string[]).includes(item)), {
      error: `is not a comma-separated list out of ${values.join(", ")}`,
    })
    .transform((given) => new Set(given as Value[]));

/** Comma-separated; empty items are dropped. */
export const list = () =>
  z.string().transform((given) =>
    given
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** The same, at least one. */
export const names = () =>
  list().refine((given) => given.length > 0, { error: "is not a comma-separated list of names" });

/** Host names or IP addresses, each with or without a port, lower case. */
export const hosts = () =>
  list()
    .transform((given) => given.map((host) => host.toLowerCase()))
    .refine((given) => given.every(isHost), {
      error:
        "is not a comma-separated list of host names; give hosts alone or with the one port that may be reached, such as graph.microsoft.com,10.0.0.7:8443",
    });

export const cron = () =>
  z.string().refine(isCronExpression, { error: "is not a cron expression; give five fields, such as 0 5,17 * * *" });

/** A proxy's address, which may hold an account; without a scheme it is http, as other programs read it. */
export const proxyUrl = () =>
  z
    .string()
    .transform((given) => (given.includes("://") ? given : `http://${given}`))
    .refine((given) => ["http:", "https:"].includes(parseUrl(given)?.protocol ?? ""), {
      error: "is not the address of a proxy; give http://proxy.example.com:3128",
    });

export const postgresUrl = () =>
  z.string().refine((given) => ["postgres:", "postgresql:"].includes(parseUrl(given)?.protocol ?? ""), {
    error: "is not a PostgreSQL address; give postgres://user:password@host:5432/database",
  });

/** https, or http to this machine; without a slash at the end. */
export const webUrl = (example: string) =>
  z
    .string()
    .refine((given) => isPlainWebUrl(parseUrl(given)), {
      error: `is not an address we may call; give https without account, query or fragment, such as ${example} (http only for this machine)`,
    })
    .transform((given) => new URL(given).href.replace(/\/+$/, ""));

/** The same, but left exactly as it is given: it is compared with what others say. */
export const exactWebUrl = (example: string) =>
  z.string().refine((given) => isPlainWebUrl(parseUrl(given)), {
    error: `is not an address; give https without account, query or fragment, such as ${example} (http only for this machine)`,
  });

/** Comma-separated origins of web pages, as a browser sends them: scheme, host and a port that is not the usual. */
export const origins = () =>
  list().refine((given) => given.length > 0 && given.every(isOrigin), {
    error: "is not a comma-separated list of origins, such as https://apps.example.com; give them without a path",
  });

/** How many proxies, or which: addresses, networks (CIDR), and proxy-addr's names of some. */
export const trustedProxies = () =>
  list()
    .refine((given) => given.length > 0 && (isHops(given) || given.every(isProxy)), {
      error:
        "is neither a number of proxies from 1 to 10 nor a comma-separated list of their addresses or networks, such as 10.0.0.0/8",
    })
    .transform((given) => (isHops(given) ? Number(given[0]) : given));

/** One or more keys of 32 bytes, comma-separated, each in hex or base64; the first seals and all open. */
export const encryptionKeys = () =>
  list()
    .refine((given) => given.length > 0 && given.every((key) => decodeKey(key) !== undefined), {
      error: "is not a key of 32 bytes in hex or base64; make one with: openssl rand -base64 32",
    })
    .transform((given) => given.flatMap((key) => decodeKey(key) ?? []));

/** What a client sends as bearer token, so only characters that a header carries. */
export const apiKey = () =>
  z.string().refine((given) => /^[\x21-\x7e]{20,}$/.test(given), {
    error: "is not at least 20 printable ASCII characters without spaces; make one with: openssl rand -hex 24",
  });

function isOrigin(given: string): boolean {
  const url = parseUrl(given);
  return ["http:", "https:"].includes(url?.protocol ?? "") && url?.origin === given;
}

function isHops(given: readonly string[]): boolean {
  return given.length === 1 && isWholeNumber(given[0] ?? "", 1, 10);
}

function isProxy(given: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(given) || isIP(given) !== 0) return true;
  return given.includes("/") && ipaddr.isValidCIDR(given);
}

function isWholeNumber(given: string, least: number, most: number): boolean {
  return /^\d+$/.test(given) && Number(given) >= least && Number(given) <= most;
}

/** Base64 of 32 bytes has 43 characters and a padding that may be missing; both alphabets are taken. */
function decodeKey(given: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(given)) return Buffer.from(given, "hex");
  if (/^[\w+/-]{43}=?$/.test(given)) return Buffer.from(given, "base64");
  return undefined;
}

export function parseUrl(given: string): URL | undefined {
  return URL.canParse(given) ? new URL(given) : undefined;
}

function isPlainWebUrl(url: URL | undefined): boolean {
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

/** With a port, an IPv6 address is in brackets. */
function isHost(given: string): boolean {
  const [, bracketed, name, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(given) ?? [];
  if (port === undefined) return isHostAlone(given);
  return Number(port) <= 65_535 && (bracketed === undefined ? isHostAlone(name ?? "") : isIPv6(bracketed));
}

function isHostAlone(host: string): boolean {
  if (isIP(host) !== 0) return true;
  return (
    host.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(host)
  );
}
