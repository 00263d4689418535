import { createHash } from "node:crypto";
import type { Bind } from "../conditions.js";
import type { Teams } from "../scopes.js";
import type { ProcessFacts } from "./process-facts.js";

/** What one request brings to a statement that was compiled before. */
export interface Call {
  /** Coerced, defaults included. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly teams: Teams;
  readonly facts: ProcessFacts;
  readonly bind: Bind;
}

/** Part of a statement that depends on a request's values. @throws AppError for values that cannot be. */
export type Late = (call: Call) => string;

/** SQL in the making. */
export type Sql = readonly (string | Late)[];

/** A statement as PostgreSQL gets it. */
export interface Statement {
  readonly text: string;
  /** How often it has been run, which says whether it is worth a plan that is kept. */
  uses: number;
  /** The same for the same text in every process, so that a session that several share never takes one for another. */
  readonly name: string;
}

/** Different shapes of one template that are remembered; a page's size, filter and order make a shape. */
const MOST_SHAPES = 64;

/** A statement but for what depends on a request's values. */
export class Template {
  /** One more than there are late parts. */
  readonly #fixed: readonly string[];
  readonly #late: readonly Late[];
  readonly #statements = new Map<string, Statement>();

  /** @param note is told how many characters are remembered from now on. */
  constructor(
    sql: Sql,
    private readonly note: (characters: number) => void,
  ) {
    const fixed = [""];
    const late: Late[] = [];
    for (const part of sql) {
      if (typeof part === "string") fixed[late.length] += part;
      else fixed[late.push(part)] = "";
    }
    this.#fixed = fixed;
    this.#late = late;
    note(fixed.reduce((sum, { length }) => sum + length, 0));
  }

  /** The statement for this request, whose values are bound meanwhile; the same object for the same text. */
  fill(call: Call): Statement {
    const parts = this.#late.map((part) => part(call));
    const shape = parts.join("\0");
    const known = this.#statements.get(shape);
    if (known) return known;
    if (this.#statements.size >= MOST_SHAPES) this.#statements.clear();
    const text = this.#fixed.map((fixed, at) => fixed + (parts[at] ?? "")).join("");
    const statement: Statement = { text, uses: 0, name: nameOf(text) };
    this.#statements.set(shape, statement);
    this.note(shape.length + text.length);
    return statement;
  }
}

/** PostgreSQL takes 63 characters at most. */
function nameOf(text: string): string {
  return `fast_path_${createHash("sha256").update(text).digest("base64url")}`;
}

/** The SQL at once, inside a late part. */
export function fillIn(sql: Sql, call: Call): string {
  return sql.map((part) => (typeof part === "string" ? part : part(call))).join("");
}
