import {
  createType1Message,
  createType3Message,
  extractNtlmMessageFromAuthenticateHeader,
  parseType2Message,
} from "@node-ntlm/core";
import { type Channel, PluginError } from "../../contract.js";
import type { PlainRequest, SignIn } from "./sign-in.js";

/** A Windows account. */
export interface NtlmAccount {
  /** Empty: the server's own. */
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

type Fetch = typeof globalThis.fetch;
type Challenge = ReturnType<typeof parseType2Message>;

/** Of the challenge's flags: extended security, without which there is no NTLMv2. */
const EXTENDED_SECURITY = 0x0008_0000;

/**
 * NTLM, which proves itself to a socket once: challenge and answer go over the same one, and so does all that follows, until
 * either side closes it. NTLMv2 only; a server that offers less is refused.
 */
export function signInByNtlm(account: NtlmAccount, channel: Channel): SignIn {
  return {
    secrets: () => [account.password],
    async send(request, signal) {
      const first = await channel.exchange(signal, (fetch) => ask(fetch, request, signal));
      if (first.status !== 401) return first;
      // The answer may have closed its socket, so the handshake is an exchange of its own.
      const scheme = schemeOf(first);
      return channel.exchange(signal, async (fetch) => {
        const challenge = await challengeFrom(fetch, request, scheme, signal);
        return ask(fetch, request, signal, answerTo(challenge, account, scheme));
      });
    },
  };
}

function ask(fetch: Fetch, request: PlainRequest, signal: AbortSignal, authorization?: string): Promise<Response> {
  const { url, method, headers, body } = request;
  return fetch(url, {
    method,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    signal,
    ...(body === undefined ? {} : { body }),
  });
}

/** Some servers offer NTLM by its name, some within Negotiate alone. */
function schemeOf(answer: Response): "NTLM" | "Negotiate" {
  const offered = answer.headers.get("www-authenticate") ?? "";
  if (/\bNTLM\b/i.test(offered)) return "NTLM";
  if (/\bNegotiate\b/i.test(offered)) return "Negotiate";
  throw new PluginError(
    "config",
    "The AdminService does not offer Windows sign-in here: check the address in the settings.",
  );
}

/** @throws PluginError `config` when the server has no challenge for NTLMv2. */
async function challengeFrom(
  fetch: Fetch,
  { url, method }: PlainRequest,
  scheme: string,
  signal: AbortSignal,
): Promise<Challenge> {
  const hello = createType1Message({ domain: "", workstation: "" });
  const answer = await fetch(url, { method, headers: { authorization: inScheme(hello, scheme) }, signal });
  const header = answer.headers.get("www-authenticate")?.replaceAll(/\bNegotiate (?=\S)/g, "NTLM ");
  const message = extractNtlmMessageFromAuthenticateHeader(header);
  const challenge = answer.status === 401 && message !== undefined ? read(message) : null;
  if (challenge) return challenge;
  throw new PluginError(
    "config",
    "The AdminService offers no NTLMv2: allow it for the site, or sign in in another way.",
  );
}

function read(message: string): Challenge | null {
  try {
    const challenge = parseType2Message(message);
    const isVersion2 = (challenge.negotiateFlags & EXTENDED_SECURITY) !== 0 && challenge.targetInfo !== undefined;
    return isVersion2 ? challenge : null;
  } catch {
    return null;
  }
}

function answerTo(challenge: Challenge, { domain, user, password }: NtlmAccount, scheme: string): string {
  return inScheme(createType3Message(challenge, { domain, username: user, password, workstation: "" }), scheme);
}

function inScheme(message: string, scheme: string): string {
  return message.replace(/^NTLM/, scheme);
}
