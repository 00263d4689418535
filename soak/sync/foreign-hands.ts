/** An assignment, or all of a holder's or an app's in a location, where a part is left out. */
export interface Place {
  /** Its `uId`. */
  readonly location: string;
  /** `adamId:pricingParam`. */
  readonly app?: string;
  /** `DEVICE:serial` or `USER:clientUserId`. */
  readonly holder?: string;
}

/** What others than the service have given and taken at Apple in a history: only this may stand in the ledger as EXTERNAL. */
export class ForeignHands {
  readonly #given = new Set<string>();
  readonly #taken = new Set<string>();

  give(place: Place): void {
    this.#given.add(keyOf(place));
  }

  take(place: Place): void {
    this.#taken.add(keyOf(place));
  }

  gave(place: Required<Place>): boolean {
    return covers(this.#given, place);
  }

  took(place: Required<Place>): boolean {
    return covers(this.#taken, place);
  }
}

function keyOf({ location, app = "*", holder = "*" }: Place): string {
  return `${location} ${app} ${holder}`;
}

function covers(places: ReadonlySet<string>, { location, app, holder }: Required<Place>): boolean {
  return [
    { location, app, holder },
    { location, app },
    { location, holder },
  ].some((place) => places.has(keyOf(place)));
}
