import { z } from "zod";

const ICON_SIZE = "256";
const LANGUAGE = "en";

/** What the store tells of a product. */
export interface AppMetadata {
  readonly name: string;
  readonly bundleId: string | null;
  readonly iconUrl: string | null;
  readonly developer: string | null;
  readonly genres: readonly string[];
}

/** Where to ask: the storefront's country, ISO 3166-1 alpha-2, and Apple's `defaultPlatform`. */
export interface StorePlace {
  readonly country: string;
  readonly platform: string;
}

const optionalText = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value || null);

const artwork = z.object({ url: z.string() });

const item = z.object({
  name: z.string().min(1),
  bundleId: optionalText,
  artistName: optionalText,
  genreNames: z.array(z.string()).catch([]),
  artwork: z.union([artwork, z.array(artwork).transform((sizes) => sizes.at(-1) ?? null)]).catch(null),
});

/** Products the storefront does not know are missing from the results, or come without a name. */
const lookupAnswer = z.object({ results: z.record(z.string(), z.unknown()) });

/**
 * The address of a lookup. `p=mdm-lockup` is Apple's own spelling.
 * Source: Apple, "Getting app and book information (legacy)".
 */
export function lookupUrl(base: string, adamIds: readonly string[], place: StorePlace): string {
  const url = new URL(base);
  const parameters = {
    version: "2",
    id: adamIds.join(","),
    p: "mdm-lockup",
    caller: "MDM",
    platform: place.platform,
    cc: place.country.toLowerCase(),
    l: LANGUAGE,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** What was found, by adamId. */
export function readLookup(body: unknown): Map<string, AppMetadata> {
  const found = new Map<string, AppMetadata>();
  const answer = lookupAnswer.safeParse(body);
  for (const [adamId, value] of Object.entries(answer.data?.results ?? {})) {
    const known = item.safeParse(value).data;
    if (!known) continue;
    found.set(adamId, {
      name: known.name,
      bundleId: known.bundleId,
      iconUrl: known.artwork ? iconUrl(known.artwork.url) : null,
      developer: known.artistName,
      genres: known.genreNames,
    });
  }
  return found;
}

/** Apple gives a template of width, height, crop and format, or a plain address. */
function iconUrl(template: string): string {
  return template
    .replaceAll("{w}", ICON_SIZE)
    .replaceAll("{h}", ICON_SIZE)
    .replaceAll("{c}", "bb")
    .replaceAll("{f}", "png");
}
