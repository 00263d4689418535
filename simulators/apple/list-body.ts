/** A body whose one long list is JSON text already: turning a page of a thousand rows into objects first costs most of it. */
export class ListBody {
  /** @param rows JSON texts, in order. */
  constructor(
    readonly name: string,
    readonly rows: string[],
    readonly others: object,
  ) {}

  toText(common: object): string {
    const rest = JSON.stringify({ ...this.others, ...common }).slice(1);
    return `{"${this.name}":[${this.rows.join(",")}],${rest}`;
  }
}
