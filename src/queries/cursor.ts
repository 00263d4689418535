import { AppError } from "../errors.js";
import type { Column, Direction, RawRow, SqlType } from "./list.js";

/** The order a cursor is a place in. */
export interface CursorOrder {
  readonly list: string;
  readonly columns: readonly Column[];
  readonly direction: Direction;
}

/** A place in an order: the values of its columns. */
export type Position = readonly (string | number | null)[];

export function encodeCursor(order: CursorOrder, row: RawRow): string {
  const position = order.columns.map(({ name }) => {
    const value = row[name];
    return value instanceof Date ? value.toISOString() : value;
  });
  return Buffer.from(JSON.stringify([cursorSignature(order), ...position])).toString("base64url");
}

/** @throws AppError INVALID_INPUT when it is not a place in this order. */
export function decodeCursor(order: CursorOrder, cursor: string): Position {
  const [signed, ...position] = parse(cursor);
  const known = signed === cursorSignature(order) && position.length === order.columns.length;
  if (!known || !order.columns.every((column, at) => fits(column, position[at]))) {
    throw new AppError(
      "INVALID_INPUT",
      "This cursor is not a place in this list with this filter and order. Use one from the same list, filter and order.",
      { cursor },
    );
  }
  return position as Position;
}

/** Names an order in its cursors. */
export function cursorSignature({ list, columns, direction }: CursorOrder): string {
  return [list, ...columns.map((column) => column.name), direction].join(" ");
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

const LARGEST_BIGINT = 2n ** 63n - 1n;

const FITS: Record<SqlType, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string" && !value.includes("\0"),
  uuid: (value) => typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  bigint: (value) => typeof value === "string" && /^[0-9]{1,19}$/.test(value) && BigInt(value) <= LARGEST_BIGINT,
  integer: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  timestamptz: (value) =>
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
};

function fits(column: Column, value: unknown): boolean {
  return value === null ? column.nullable === true : FITS[column.type](value);
}
