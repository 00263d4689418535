import { ODataError } from "./odata-error.js";

export type Row = Readonly<Record<string, unknown>>;
type Value = string | number | boolean | null;
type Test = (row: Row) => Value;

const TOKEN = /\s*('(?:[^']|'')*'|[(),]|-?\d+(?:\.\d+)?(?![\w-])|[A-Za-z_@][\w.]*)/y;
const FUNCTIONS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

/**
 * Reads `$filter` as far as OData v4 is used with this product: comparisons, `and`, `or`, `not`, brackets and the three
 * functions on text. Texts are compared without case, as the site's database does.
 * @throws ODataError 400 for what it does not understand.
 */
export function parseFilter(text: string): (row: Row) => boolean {
  const parser = new Parser(tokensOf(text), text);
  const test = parser.expression();
  parser.end();
  return (row) => test(row) === true;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const found = TOKEN.exec(text);
    if (found === null) throw refusal(text);
    tokens.push(found[1] as string);
  }
  return tokens;
}

class Parser {
  #place = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
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
    if (this.#place < this.tokens.length) throw refusal(this.text);
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
    const holds = COMPARISONS[this.tokens[this.#place] ?? ""];
    if (holds === undefined) return left;
    this.#place += 1;
    const right = this.#operand();
    return (row) => holds(compare(left(row), right(row)));
  }

  #operand(): Test {
    const token = this.tokens[this.#place];
    this.#place += 1;
    if (token === undefined) throw refusal(this.text);
    if (token === "(") {
      const inner = this.expression();
      this.#expect(")");
      return inner;
    }
    const call = FUNCTIONS[token];
    if (call !== undefined) return this.#call(call);
    if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d/.test(token)) return () => Number(token);
    if (token === "true" || token === "false") return () => token === "true";
    if (token === "null") return () => null;
    if (!/^[A-Za-z_@]/.test(token)) throw refusal(this.text);
    return (row) => property(row, token);
  }

  #call(call: (text: string, part: string) => boolean): Test {
    this.#expect("(");
    const text = this.expression();
    this.#expect(",");
    const part = this.expression();
    this.#expect(")");
    return (row) => call(folded(text(row)), folded(part(row)));
  }

  #take(word: string): boolean {
    if (this.tokens[this.#place] !== word) return false;
    this.#place += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw refusal(this.text);
  }
}

/** Properties have any case on the wmi route. */
function property(row: Row, name: string): Value {
  const key = Object.keys(row).find((one) => one.toLowerCase() === name.toLowerCase());
  return (key === undefined ? null : row[key]) as Value;
}

function compare(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : Number.NaN;
  if (typeof left === "string" || typeof right === "string") {
    const [a, b] = [folded(left), folded(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  return Number(left) - Number(right);
}

function folded(value: Value): string {
  return value === null ? "" : String(value).toLowerCase();
}

function refusal(text: string): ODataError {
  return new ODataError(400, `The query specified in the URI is not valid. Syntax error in '${text}'.`);
}
