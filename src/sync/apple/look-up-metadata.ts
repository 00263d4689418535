import { type AppMetadata, lookupUrl, readLookup, type StorePlace } from "./app-metadata.js";
import type { AppleAccess } from "./apple-client.js";
import { AppleError } from "./apple-error.js";
import type { AppleCallTools } from "./call-apple.js";
import { mayShowToken, urlOrNull } from "./endpoints.js";
import { parseAnswer } from "./parse-answer.js";
import { retryReads } from "./retry.js";

/** Asks the store, which has no budget of ours: it is another service. The token opens custom apps there. */
export async function lookUpMetadata(
  { serviceConfig, baseUrl, clock, transport }: AppleCallTools,
  access: AppleAccess,
  adamIds: readonly string[],
  place: StorePlace,
  signal: AbortSignal | undefined,
): Promise<Map<string, AppMetadata>> {
  const { urls } = await serviceConfig.current(signal);
  const base = urlOrNull(urls.contentMetadataLookup, baseUrl);
  if (!base) throw new AppleError("Apple's configuration names no contentMetadataLookup.", { kind: "permanent" });
  const headers: Record<string, string> = mayShowToken(base, baseUrl) ? { cookie: `itvt=${access.text}` } : {};
  const url = lookupUrl(base.href, adamIds, place);
  const request = { method: "GET", name: "contentMetadataLookup" } as const;
  return retryReads(clock, signal, async () => {
    const answer = await transport.exchange({ method: "GET", url, headers, signal });
    return readLookup(parseAnswer(answer, request, clock.now()));
  });
}
