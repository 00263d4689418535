export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | boolean | null;
type Test = (row: Row) => Value;

/** In what products differ. */
export interface Dialect {
  /** The functions it knows; what stands in their brackets follows the row. */
  readonly functions: Readonly<Record<string, (row: Row, ...given: Value[]) => boolean>>;
  /** Whether names of properties have any case. */
  readonly anyCase: boolean;
  /** The error for a filter that is not understood. */
  refuse(text: string): Error;
}

const TOKEN = /\s*('(?:[^']|'')*'|[A-Za-z_@][\w.@/]*|-?\d[\w.:+-]*|[(),])/y;
const NUMBER = /^-?\d+(\.\d+)?$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

/**
 * Reads OData v4's `$filter` as far as the simulated products use it: comparisons, `in`, `and`, `or`, `not`, brackets and
 * functions. Texts are compared without case.
 * @throws the dialect's error for anything else.
 */
export function parseFilter(text: string, dialect: Dialect): (row: Row) => boolean {
  const parser = new Parser(tokensOf(text, dialect), text, dialect);
  const test = parser.expression();
  parser.end();
  return (row) => test(row) === true;
}

/** A value as texts are compared. */
export function folded(value: Value | undefined): string {
  return value === null || value === undefined ? "" : String(value).toLowerCase();
}

function tokensOf(text: string, dialect: Dialect): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const found = TOKEN.exec(text);
    if (found === null) throw dialect.refuse(text);
    tokens.push(found[1] as string);
  }
  return tokens;
}

class Parser {
  #place = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
    private readonly dialect: Dialect,
  ) {}

  expression(): Test {
    let left = this.#conjunction();
    while (this.#take("or")) {
      const [one, other] = [left, this.#conjunction()];
      left = (row) => one(row) === true || other(row) === true;
    }
    return left;
  }

  end(): void {
    if (this.#place < this.tokens.length) throw this.#refusal();
  }

  #conjunction(): Test {
    let left = this.#comparison();
    while (this.#take("and")) {
      const [one, other] = [left, this.#comparison()];
      left = (row) => one(row) === true && other(row) === true;
    }
    return left;
  }

  #comparison(): Test {
    if (this.#take("not")) {
      const test = this.#comparison();
      return (row) => test(row) !== true;
    }
    const left = this.#operand();
    if (this.#take("in")) {
      const values = this.#list();
      return (row) => values.some((value) => compare(left(row), value(row)) === 0);
    }
    const holds = COMPARISONS[this.tokens[this.#place] ?? ""];
    if (holds === undefined) return left;
    this.#place += 1;
    const right = this.#operand();
    return (row) => holds(compare(left(row), right(row)));
  }

  #operand(): Test {
    const token = this.tokens[this.#place];
    this.#place += 1;
    if (token === undefined) throw this.#refusal();
    if (token === "(") {
      const inner = this.expression();
      this.#expect(")");
      return inner;
    }
    if (this.tokens[this.#place] === "(") return this.#call(token);
    if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("''", "'");
    if (NUMBER.test(token)) return () => Number(token);
    if (TIME.test(token)) return () => token;
    if (token === "true" || token === "false") return () => token === "true";
    if (token === "null") return () => null;
    if (!/^[A-Za-z_@]/.test(token)) throw this.#refusal();
    return (row) => property(row, token, this.dialect);
  }

  #call(name: string): Test {
    const work = Object.hasOwn(this.dialect.functions, name) ? this.dialect.functions[name] : undefined;
    const given = this.#list();
    if (work === undefined || work.length !== given.length + 1) throw this.#refusal();
    return (row) => work(row, ...given.map((value) => value(row)));
  }

  #list(): Test[] {
    this.#expect("(");
    const values = [this.expression()];
    while (this.#take(",")) values.push(this.expression());
    this.#expect(")");
    return values;
  }

  #take(word: string): boolean {
    if (this.tokens[this.#place] !== word) return false;
    this.#place += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw this.#refusal();
  }

  #refusal(): Error {
    return this.dialect.refuse(this.text);
  }
}

function property(row: Row, name: string, { anyCase }: Dialect): Value {
  const key = anyCase ? Object.keys(row).find((one) => one.toLowerCase() === name.toLowerCase()) : name;
  return ((key === undefined ? null : row[key]) ?? null) as Value;
}

/** NaN, with which nothing holds but `ne`, for what is nothing and what is something. */
function compare(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : Number.NaN;
  if (typeof left === "string" || typeof right === "string") {
    const [a, b] = [folded(left), folded(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  return Number(left) - Number(right);
}
