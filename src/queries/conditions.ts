import { AppError } from "../errors.js";
import type { Column, SqlType } from "./list.js";

/** Takes a value along with a statement and returns its placeholder. */
export type Bind = (value: unknown, type: SqlType | `${SqlType}[]`) => string;

/** Part of a WHERE about the row named `item`. */
export interface Condition {
  readonly sql: (bind: Bind) => string;
  /** Columns that have one value in all rows that meet it: they need not be sorted by. */
  readonly fixes: readonly string[];
}

/** Numbers the values of one statement. */
export function bindInto(values: unknown[]): Bind {
  return (value, type) => {
    if (typeof value === "string" && value.includes("\0")) {
      throw new AppError("INVALID_INPUT", "A text holds the character U+0000, which nothing here can. Leave it out.");
    }
    values.push(value);
    return `$${values.length}::${type}`;
  };
}

export function equals(column: string, value: unknown, type: SqlType = "text"): Condition {
  return { sql: (bind) => `item.${column} = ${bind(value, type)}`, fixes: [column] };
}

/** A foreign key of one part or more has these values. */
export function references(columns: readonly Column[], key: readonly string[]): Condition {
  return {
    sql: (bind) => columns.map(({ name, type }, at) => `item.${name} = ${bind(key[at], type)}`).join(" AND "),
    fixes: columns.map((column) => column.name),
  };
}

export function isAmong(column: string, values: readonly string[]): Condition {
  return { sql: (bind) => `item.${column} = ANY(${bind(values, "text[]")})`, fixes: [] };
}

/** A list has one of these among its elements. */
export function overlaps(column: string, values: readonly string[]): Condition {
  return { sql: (bind) => `item.${column} && ${bind(values, "text[]")}`, fixes: [] };
}

/** The text is part of one of the columns, whatever the case. */
export function contains(columns: readonly string[], text: string): Condition {
  return {
    sql: (bind) => {
      const placeholder = bind(patternOf(text), "text");
      return `(${columns.map((column) => `item.${column} ILIKE ${placeholder}`).join(" OR ")})`;
    },
    fixes: [],
  };
}

/** The text is part of what an expression gives, whatever the case; `expression` speaks of the row as `item`. */
export function expressionContains(expression: string, text: string): Condition {
  return { sql: (bind) => `${expression} ILIKE ${bind(patternOf(text), "text")}`, fixes: [] };
}

/** For ILIKE: the text anywhere, its own wildcards taken literally. */
function patternOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

export function isBefore(column: string, moment: Date): Condition {
  return { sql: (bind) => `item.${column} < ${bind(moment, "timestamptz")}`, fixes: [] };
}

export function isSince(column: string, moment: Date): Condition {
  return { sql: (bind) => `item.${column} >= ${bind(moment, "timestamptz")}`, fixes: [] };
}

export function isBelow(column: string, bound: number): Condition {
  return { sql: (bind) => `item.${column} < ${bind(bound, "integer")}`, fixes: [] };
}

export function hasElement(column: string, element: string): Condition {
  return { sql: (bind) => `item.${column} @> ARRAY[${bind(element, "text")}]`, fixes: [] };
}

export function isNull(column: string, wanted: boolean): Condition {
  return { sql: () => `item.${column} IS ${wanted ? "" : "NOT "}NULL`, fixes: [] };
}
