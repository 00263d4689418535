/** What Apple means where it names no `pricingParam`. Source: Apple, "Manage Licenses"; v1's default, taken for v2, too. */
export const DEFAULT_PRICING = "STDQ";

/** The qualities this release can store. */
export const KNOWN_PRICING: ReadonlySet<string> = new Set([DEFAULT_PRICING, "PLUS"]);
