import { badRequest } from "./graph-error.js";

type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

const TOKEN = /\s*('(?:[^']|'')*'|[A-Za-z_@][\w.@/]*|-?\d[\w.:+-]*|[(),])/y;

/**
 * A part of OData's `$filter`: eq, ne, lt, le, gt, ge, in, startswith, isof, and, or, not, parentheses.
 * @throws GraphError 400 for anything else.
 */
export function parseFilter(text: string): Test {
  const parser = new Parser(tokenize(text), text);
  const test = parser.either();
  parser.end();
  return test;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) throw badRequest(`Invalid filter clause: '${text}'.`);
    tokens.push(match[1]);
  }
  return tokens;
}

class Parser {
  #at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
  ) {}

  either(): Test {
    const tests = [this.both()];
    while (this.take("or")) tests.push(this.both());
    return (row) => tests.some((test) => test(row));
  }

  end(): void {
    if (this.#at < this.tokens.length) throw this.problem();
  }

  private both(): Test {
    const tests = [this.one()];
    while (this.take("and")) tests.push(this.one());
    return (row) => tests.every((test) => test(row));
  }

  private one(): Test {
    if (this.take("not")) {
      const test = this.one();
      return (row) => !test(row);
    }
    if (this.take("(")) {
      const test = this.either();
      this.need(")");
      return test;
    }
    const name = this.next();
    if (name === "isof") return this.isOf();
    if (name === "startswith") return this.startsWith();
    return this.comparison(name);
  }

  private isOf(): Test {
    this.need("(");
    const type = `#${literal(this.next())}`;
    this.need(")");
    return (row) => row["@odata.type"] === type;
  }

  private startsWith(): Test {
    this.need("(");
    const name = this.next();
    this.need(",");
    const start = String(literal(this.next())).toLowerCase();
    this.need(")");
    return (row) =>
      String(row[name] ?? "")
        .toLowerCase()
        .startsWith(start);
  }

  private comparison(name: string): Test {
    const operator = this.next();
    if (operator === "in") {
      const values = this.list();
      return (row) => values.some((value) => compare(row[name], value) === 0);
    }
    const value = literal(this.next());
    const holds = OPERATORS[operator];
    if (holds === undefined) throw this.problem();
    return (row) => holds(compare(row[name], value));
  }

  private list(): unknown[] {
    this.need("(");
    const values: unknown[] = [];
    do values.push(literal(this.next()));
    while (this.take(","));
    this.need(")");
    return values;
  }

  private take(token: string): boolean {
    if (this.tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) throw this.problem();
  }

  private next(): string {
    const token = this.tokens[this.#at];
    if (token === undefined) throw this.problem();
    this.#at += 1;
    return token;
  }

  private problem() {
    return badRequest(`Invalid filter clause: '${this.text}'.`);
  }
}

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/** Texts are compared as Graph does, whatever their case. */
function compare(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    return left.localeCompare(right, "en", { sensitivity: "accent" });
  }
  if (left === right) return 0;
  return Number(left) < Number(right) ? -1 : 1;
}

function literal(token: string): unknown {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === "true") return true;
  if (token === "false") return false;
  if (token === "null") return null;
  return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token;
}
