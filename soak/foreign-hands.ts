/** An assignment, or all of a holder's or an app's, where a part is left out. */
export interface Place {
  readonly app?: string;
  readonly holder?: string;
}

/**
 * What others than the service have given and taken at Apple in a history: only this may stand in the ledger as EXTERNAL.
 * Apps are `adamId:pricingParam`, holders `DEVICE:serial` or `USER:clientUserId`.
 */
export class ForeignHands {
  readonly #given = new Set<string>();
  readonly #taken = new Set<string>();

  give(place: Place): void {
    this.#given.add(keyOf(place));
  }

  take(place: Place): void {
    this.#taken.add(keyOf(place));
  }

  gave(app: string, holder: string): boolean {
    return covers(this.#given, app, holder);
  }

  took(app: string, holder: string): boolean {
    return covers(this.#taken, app, holder);
  }
}

function keyOf({ app = "*", holder = "*" }: Place): string {
  return `${app} ${holder}`;
}

function covers(places: ReadonlySet<string>, app: string, holder: string): boolean {
  return [{ app, holder }, { app }, { holder }].some((place) => places.has(keyOf(place)));
}
