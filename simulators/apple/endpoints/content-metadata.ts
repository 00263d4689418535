import { type Answer, jsonAnswer } from "../answer.js";
import type { CatalogItem } from "../catalog.js";
import type { World } from "../world.js";

/** The path of the legacy store lookup, which Apple serves from another host. */
export const LOOKUP_PATH = "/WebObjects/MZStorePlatform.woa/wa/lookup";

/**
 * Names and pictures of products, without a token. Numbers that the store does not know are missing from the results;
 * country and language are not looked at beyond being repeated in `meta`.
 */
export function lookUpContent(world: World, query: URLSearchParams): Answer {
  const refused = refusal(query);
  if (refused !== undefined) return refused;
  const ids = (query.get("id") ?? "").split(",");
  const items = ids.flatMap((id) => world.catalog.offered(id.trim()) ?? []);
  const cc = (query.get("cc") ?? "us").toUpperCase();
  const body = {
    results: Object.fromEntries(items.map((item) => [item.adamId, shownItem(item)])),
    version: 2,
    isAuthenticated: false,
    meta: { storefront: { id: "143441", cc }, language: { tag: query.get("l") ?? "en-us" } },
  };
  return jsonAnswer(200, body);
}

function refusal(query: URLSearchParams): Answer | undefined {
  if (!query.has("caller")) return jsonAnswer(403, { message: "The caller is missing." });
  if (!query.has("p")) return jsonAnswer(400, { code: 7011, message: "The parameter p is missing." });
  if (query.get("p") !== "mdm-lockup") return jsonAnswer(400, { code: 7012, message: "This p is not known." });
  return undefined;
}

function shownItem(item: CatalogItem): object {
  const common = {
    id: item.adamId,
    name: item.name,
    artistName: item.artistName,
    genreNames: [item.genre],
    artwork: {
      url: `https://artwork.example.com/${item.adamId}/{w}x{h}bb.{f}`,
      width: 1024,
      height: 1024,
      bgColor: "f2f2f7",
    },
    isVppDeviceBasedLicensingEnabled: item.deviceAssignable,
    description: { standard: `${item.name} is a product made up for tests.` },
    url: `https://store.example.com/id${item.adamId}`,
  };
  if (item.productType === "Book") return { ...common, kind: "epubBook" };
  return {
    ...common,
    kind: "iosSoftware",
    bundleId: item.bundleId,
    deviceFamilies: item.deviceFamilies,
    minimumOSVersion: "16.0",
    isB2BCustomApp: false,
    is32bitOnly: false,
    offers: [{ price: 0, version: { display: item.version, externalId: item.externalVersionId } }],
  };
}
