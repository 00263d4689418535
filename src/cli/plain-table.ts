import stringWidth from "string-width";
import { plainText } from "./plain-text.js";

type Row = readonly string[];

/** Between two columns. Without a frame a table can be read aloud, searched and cut. */
const GAP = "  ";

/** A table for people, made a part at a time: there may be a million rows. A later part that needs more room takes it. */
export class PlainTable {
  readonly #widths: number[] = [];
  #isBegun = false;

  /** @param numbers the columns, counted from 0, that hold numbers */
  constructor(
    private readonly head: Row,
    private readonly numbers: readonly number[] = [],
  ) {}

  /** The lines of these rows; the first ones come with the heading. */
  lines(rows: readonly Row[]): string {
    const cells = [...(this.#isBegun ? [] : [this.head]), ...rows].map((row) => row.map(plainText));
    this.#isBegun = true;
    for (const row of cells) for (const [column, cell] of row.entries()) this.#widen(column, stringWidth(cell));
    return cells
      .map((row) =>
        row
          .map((cell, column) => this.#padded(cell, column))
          .join(GAP)
          .trimEnd(),
      )
      .join("\n");
  }

  #widen(column: number, width: number): void {
    this.#widths[column] = Math.max(this.#widths[column] ?? 0, width);
  }

  #padded(cell: string, column: number): string {
    const space = " ".repeat((this.#widths[column] ?? 0) - stringWidth(cell));
    return this.numbers.includes(column) ? space + cell : cell + space;
  }
}
