import { SeededRandom } from "../random.js";
import { turnSwitches } from "../switches/turn-switches.js";
import { Catalog } from "./catalog.js";
import type { ContentToken } from "./content-token.js";
import { Disturbances } from "./disturbances.js";
import { Location, type LocationIdentity } from "./location.js";
import { ReadsAtOnce } from "./reads-at-once.js";
import { RequestLog } from "./request-log.js";
import { defaultSwitches, type SwitchesInput } from "./switches.js";

const FIRST_UID = 2_000_000_000_000_001;
/** Worlds of different seeds have different locations; so many of one world fit between. */
const UIDS_A_SEED = 10_000;
/** Streams of randomness from here on are for notifications, so that the data is the same with and without them. */
const NOTIFICATION_STREAMS = 1_000_000;
const TOKEN_VALID_DAYS = 365;
const DAY_MS = 86_400_000;

/** Everything the simulated Apple side knows: its locations, its store, and what the control plane has set. */
export class World {
  readonly locations: Location[] = [];
  readonly catalog: Catalog;
  readonly switches = defaultSwitches();
  readonly disturbances = new Disturbances();
  readonly requests = new RequestLog(this.switches);
  readonly readsAtOnce = new ReadsAtOnce();
  readonly #seed: number;

  constructor(seed: number, switches: SwitchesInput) {
    this.#seed = seed;
    this.catalog = new Catalog(seed);
    turnSwitches(this.switches, switches);
  }

  /** A location with a token and nothing else; it is part of the world once the caller adds it to `locations`. */
  createLocation(identity: Omit<LocationIdentity, "uId">, tokenExpiresAt: Date | undefined): Location {
    const place = this.locations.length;
    const random = new SeededRandom(this.#seed, place);
    const notificationRandom = new SeededRandom(this.#seed, NOTIFICATION_STREAMS + place);
    const uId = String(FIRST_UID + (this.#seed - 1) * UIDS_A_SEED + place);
    const location = new Location({ ...identity, uId }, random, notificationRandom, this.switches);
    location.downloadToken(tokenExpiresAt ?? this.usualTokenExpiry());
    return location;
  }

  /** A year from the start of this day (UTC), so that two starts on one day with one seed give the same token. */
  usualTokenExpiry(): Date {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    return new Date(today + TOKEN_VALID_DAYS * DAY_MS);
  }

  /** By the token file's text. */
  findToken(text: string): { location: Location; token: ContentToken } | undefined {
    for (const location of this.locations) {
      const token = location.tokens.find((candidate) => candidate.text === text);
      if (token !== undefined) return { location, token };
    }
    return undefined;
  }

  close(): void {
    this.disturbances.release();
    for (const location of this.locations) location.close();
  }
}
