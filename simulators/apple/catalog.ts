import { SeededRandom } from "../random.js";

/** One product of the store: what the content metadata lookup tells, and what the licence rules follow. */
export interface CatalogItem {
  readonly adamId: string;
  readonly productType: "App" | "Book";
  readonly name: string;
  /** Books have none. */
  readonly bundleId: string | undefined;
  readonly artistName: string;
  readonly genre: string;
  readonly deviceFamilies: string[];
  readonly supportedPlatforms: string[];
  readonly version: string;
  readonly externalVersionId: number;
  readonly deviceAssignable: boolean;
  readonly revocable: boolean;
}

const FIRST_ADAM_ID = 6_440_000_001;
const firstWords =
  "Amber Brisk Calm Clear Copper Daily Early Field Gentle Harbor Ivory Joint Keen Level Little Maple".split(" ");
const secondWords =
  "Atlas Board Canvas Desk Forms Garden Ledger Lens Notes Orbit Pilot Planner Reader Shift Tasks Tutor".split(" ");
const publishers = ["Example Works", "Sample Studio", "Placeholder Press", "Specimen Software"];
const genres = ["Business", "Productivity", "Education", "Utilities", "Medical", "Reference"];

/** Products that break a rule of plain apps: not for devices, or not to be taken back, or both (a book), or free of bound. */
const specialItems: Record<SpecialKind, Partial<CatalogItem> & Pick<CatalogItem, "adamId" | "name">> = {
  book: {
    adamId: "6430000001",
    name: "The Example Handbook",
    productType: "Book",
    bundleId: undefined,
    deviceFamilies: [],
    supportedPlatforms: [],
    deviceAssignable: false,
    revocable: false,
  },
  notForDevices: {
    adamId: "6430000002",
    name: "Personal Vault",
    bundleId: "com.example.personalvault",
    deviceAssignable: false,
  },
  irrevocable: {
    adamId: "6430000003",
    name: "Keepsake Player",
    bundleId: "com.example.keepsakeplayer",
    revocable: false,
  },
  unlimited: { adamId: "6430000004", name: "Free Courier", bundleId: "com.example.freecourier" },
};

export type SpecialKind = "book" | "notForDevices" | "irrevocable" | "unlimited";

/** The store's products, the same for all locations of a world; made from the seed when first asked for. */
export class Catalog {
  readonly #seed: number;
  readonly #withdrawn = new Set<string>();
  readonly #items = new Map<string, CatalogItem>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  find(adamId: string): CatalogItem | undefined {
    return this.#items.get(adamId);
  }

  /** The plain app with that place in the store, counted from 0. */
  plainApp(index: number): CatalogItem {
    return this.app(String(FIRST_ADAM_ID + index));
  }

  special(kind: SpecialKind): CatalogItem {
    return this.app(specialItems[kind].adamId);
  }

  /** From now on the store does not know it; who owns it still does. */
  withdraw(adamId: string): void {
    this.#withdrawn.add(adamId);
  }

  offer(adamId: string): void {
    this.#withdrawn.delete(adamId);
  }

  /** What the store tells of it, unless it is unknown or withdrawn. */
  offered(adamId: string): CatalogItem | undefined {
    return this.#withdrawn.has(adamId) ? undefined : this.#items.get(adamId);
  }

  /** The product with that number; an unknown number becomes a plain app of the store. */
  app(adamId: string): CatalogItem {
    const known = this.#items.get(adamId);
    if (known !== undefined) return known;
    const special = Object.values(specialItems).find((candidate) => candidate.adamId === adamId);
    const item = { ...this.#describe(adamId), ...special };
    this.#items.set(adamId, item);
    return item;
  }

  #describe(adamId: string): CatalogItem {
    const number = Number(adamId);
    const random = new SeededRandom(this.#seed, number);
    const words = firstWords.length * secondWords.length;
    const place = Math.abs(number - FIRST_ADAM_ID) + ((this.#seed * 37) % words);
    const round = Math.floor(place / words);
    const first = firstWords[place % firstWords.length] ?? "";
    const second = secondWords[Math.floor(place / firstWords.length) % secondWords.length] ?? "";
    const runsOnMac = place % 7 === 3;
    return {
      adamId,
      productType: "App",
      name: round === 0 ? `${first} ${second}` : `${first} ${second} ${round + 1}`,
      bundleId: `com.example.${first}${second}${round === 0 ? "" : round + 1}`.toLowerCase(),
      artistName: publishers[random.integer(publishers.length)] ?? "",
      genre: genres[random.integer(genres.length)] ?? "",
      deviceFamilies: runsOnMac ? ["iphone", "ipad", "mac"] : ["iphone", "ipad"],
      supportedPlatforms: runsOnMac ? ["iOS", "macOS"] : ["iOS"],
      version: `${1 + random.integer(9)}.${random.integer(20)}.${random.integer(10)}`,
      externalVersionId: 850_000_000 + random.integer(10_000_000),
      deviceAssignable: true,
      revocable: true,
    };
  }
}
