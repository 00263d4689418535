/** A moment, UTC, in milliseconds: the precision of a JavaScript Date, so that a value read is the value stored. */
export const moment = { type: "timestamptz", precision: 3 } as const;
export const momentOrNull = { ...moment, nullable: true } as const;

export const textOrNull = { type: "text", nullable: true } as const;
export const uuidOrNull = { type: "uuid", nullable: true } as const;
export const bigintOrNull = { type: "bigint", nullable: true } as const;

/** The body of a CHECK that holds a text column to the values of an enum. */
export function oneOf(column: string, values: Record<string, string>): string {
  return `${column} IN (${Object.values(values)
    .map((value) => `'${value}'`)
    .join(", ")})`;
}
