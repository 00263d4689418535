import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  parse,
  validate,
} from "graphql";
import type { Chance } from "../../../soak/chance.js";
import { accessRuleOf } from "../../../src/entities/allow.js";
import { type Role, reaches } from "../../../src/entities/role.js";

export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What there is to ask for. */
export interface KnownValues {
  /** Global ids by the names of their types. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** Cursors of lists, by the field and its order. */
  readonly cursors: ReadonlyMap<string, readonly string[]>;
}

/** Which types filters and arguments mean by an id. */
const ID_OF: Readonly<Record<string, string>> = {
  token: "Token",
  storeApp: "StoreApp",
  device: "Device",
  user: "User",
  target: "Target",
  collection: "Collection",
  deployment: "Deployment",
  installation: "Installation",
};

const TEXTS = ["a", "e", "north", "%", "_", "\\", "x'y", "", "SERIAL"];
const MOMENTS = ["2029-06-01T00:00:00.000Z", "2030-01-02T03:04:05.678Z", "2031-01-01T00:00:00Z"];

/** Makes operations over the whole schema's queries, as the chance says; all of them are valid. */
export class OperationGenerator {
  #variables: Record<string, unknown> = {};
  #definitions: string[] = [];
  #fragments: string[] = [];
  #names = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly known: KnownValues,
    private readonly chance: Chance,
  ) {}

  next(role: Role): GeneratedOperation {
    for (;;) {
      const operation = this.generate(role);
      if (validate(this.schema, parse(operation.query)).length === 0) return operation;
    }
  }

  private generate(role: Role): GeneratedOperation {
    this.#variables = {};
    this.#definitions = [];
    this.#fragments = [];
    this.#names = 0;
    const query = this.schema.getQueryType() as GraphQLObjectType;
    const selection = this.objectSelection(query, this.chance.between(2, 5), role, this.chance.between(1, 2));
    const head = this.#definitions.length > 0 ? `(${this.#definitions.join(", ")})` : "";
    return {
      query: [`query Generated${head} ${selection}`, ...this.#fragments].join("\n"),
      variables: this.#variables,
    };
  }

  private selection(type: GraphQLNamedType, depth: number, role: Role): string {
    if (isLeafType(type)) return "";
    if (isObjectType(type)) return this.objectSelection(type, depth, role, this.chance.between(1, 6));
    const parts = isUnionType(type) || isInterfaceType(type) ? this.schema.getPossibleTypes(type) : [];
    const chosen = this.chance.some(parts, this.chance.between(1, 3));
    const fragments = chosen.map((part) => `... on ${part.name} ${this.objectSelection(part, depth, role, 3)}`);
    const id = isInterfaceType(type) && this.chance.happens(0.7) ? "id " : "";
    return `{ __typename ${id}${fragments.join(" ")} }`;
  }

  private objectSelection(type: GraphQLObjectType, depth: number, role: Role, count: number): string {
    const fields = Object.values(type.getFields()).filter((field) => this.mayAsk(field, role));
    const affordable = fields.filter((field) => depth > 0 || isLeafType(getNamedType(field.type)));
    const chosen = this.chance.some(affordable, type.name.endsWith("Connection") ? this.chance.between(1, 3) : count);
    const texts = chosen.map((field) => this.field(type, field, depth, role));
    if (texts.length === 0 || this.chance.happens(0.15)) texts.push(`${this.alias(0.3)}__typename`);
    if (
      chosen[0] &&
      isLeafType(getNamedType(chosen[0].type)) &&
      chosen[0].args.length === 0 &&
      this.chance.happens(0.1)
    ) {
      texts.push(chosen[0].name);
    }
    return `{ ${this.grouped(type, texts).join(" ")} }`;
  }

  /** Some of the fields inside fragments, some with switches. */
  private grouped(type: GraphQLObjectType, texts: readonly string[]): string[] {
    return texts.map((text) => {
      if (this.chance.happens(0.06)) return `... on ${type.name}${this.switch()} { ${text} }`;
      if (this.chance.happens(0.04)) return `...${this.switch()} { ${text} }`;
      if (this.chance.happens(0.06)) {
        const name = `Part${++this.#names}`;
        this.#fragments.push(`fragment ${name} on ${type.name} { ${text} }`);
        return `...${name}${this.switch()}`;
      }
      return text;
    });
  }

  private field(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number, role: Role): string {
    const named = getNamedType(field.type);
    const given = this.arguments(type, field);
    const isPart = /Connection$|Edge$/.test(type.name) && field.name !== "nodes" && field.name !== "node";
    const nested = this.selection(named, isPart ? depth : depth - 1, role);
    const alias = this.alias(given === "" ? 0.15 : 0.6);
    return `${alias}${field.name}${given}${this.chance.happens(0.05) ? this.switch() : ""} ${nested}`;
  }

  private alias(part: number): string {
    return this.chance.happens(part) ? `n${++this.#names}: ` : "";
  }

  private switch(): string {
    if (this.chance.happens(0.6)) return "";
    const directive = this.chance.happens(0.7) ? "include" : "skip";
    const value = this.chance.happens(0.7) === (directive === "include");
    if (this.chance.happens(0.3)) return ` @${directive}(if: ${value})`;
    return ` @${directive}(if: ${this.variable("Boolean!", value)})`;
  }

  /** Few ask for what they may not. */
  private mayAsk(field: GraphQLField<unknown, unknown>, role: Role): boolean {
    const rule = accessRuleOf(field);
    return rule === null || reaches(role, rule.role) || this.chance.happens(0.01);
  }

  private arguments(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
    const values = this.argumentValues(type, field);
    const given = field.args.flatMap((arg) => {
      const value = values[arg.name];
      return value === undefined ? [] : [`${arg.name}: ${this.given(arg, value)}`];
    });
    return given.length > 0 ? `(${given.join(", ")})` : "";
  }

  /** As it is, or by a variable, which may have a default. */
  private given(arg: GraphQLArgument, value: unknown): string {
    if (this.chance.happens(0.5)) return literal(arg.type, value);
    const type = String(arg.type);
    if (this.chance.happens(0.15)) return this.variable(`${type} = ${literal(arg.type, value)}`, undefined);
    return this.variable(type, value);
  }

  private variable(definition: string, value: unknown): string {
    const name = `v${++this.#names}`;
    this.#definitions.push(`$${name}: ${definition}`);
    if (value !== undefined) this.#variables[name] = value;
    return `$${name}`;
  }

  private argumentValues(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Record<string, unknown> {
    const isPage = field.args.some(({ name }) => name === "first");
    const values: Record<string, unknown> = isPage ? this.pageValues(type, field) : {};
    for (const arg of field.args) {
      if (["first", "last", "after", "before", "filter", "orderBy"].includes(arg.name)) continue;
      if (!isRequiredArgument(arg) && this.chance.happens(0.6)) continue;
      const named = getNamedType(field.type).name;
      values[arg.name] = arg.name === "id" ? this.id(named) : this.value(arg.name, arg.type);
    }
    return values;
  }

  private pageValues(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    const backward = this.chance.happens(0.25);
    if (backward || this.chance.happens(0.7)) values[backward ? "last" : "first"] = this.chance.between(0, 5);
    const orderBy = field.args.find(({ name }) => name === "orderBy");
    if (orderBy && this.chance.happens(0.4)) values.orderBy = this.value("orderBy", orderBy.type);
    const cursors = this.known.cursors.get(`${type.name}.${field.name} ${JSON.stringify(values.orderBy ?? null)}`);
    if (cursors && cursors.length > 0 && this.chance.happens(0.35)) {
      if (this.chance.happens(0.6)) values[backward ? "before" : "after"] = this.chance.one(cursors);
      if (this.chance.happens(0.2)) values[backward ? "after" : "before"] = this.chance.one(cursors);
      return values;
    }
    const filter = field.args.find(({ name }) => name === "filter");
    if (filter && this.chance.happens(0.4)) values.filter = this.value("filter", filter.type);
    return values;
  }

  private value(name: string, type: GraphQLInputType): unknown {
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const count = this.chance.between(1, 3);
      return Array.from({ length: count }, () => this.value(name, inner.ofType));
    }
    if (isEnumType(inner)) return this.chance.one(inner.getValues()).name;
    if (isInputObjectType(inner)) {
      const fields = Object.values(inner.getFields());
      const needed = fields.filter((field) => String(field.type).endsWith("!") && field.defaultValue === undefined);
      const others = this.chance.some(fields, this.chance.between(0, 2));
      return Object.fromEntries(
        [...new Set([...needed, ...others])].map((field) => [field.name, this.value(field.name, field.type)]),
      );
    }
    if (name === "ids") return this.chance.happens(0.1) ? "bm90aGluZw" : this.id("Node");
    if (inner.name === "ID") return this.id(ID_OF[name] ?? "Node");
    if (name === "name" && inner.name === "String") return "sample";
    if (inner.name === "Boolean") return this.chance.happens(0.5);
    if (inner.name === "Int") return this.chance.between(1, 100);
    if (inner.name === "DateTime") return this.chance.one(MOMENTS);
    return this.chance.one(TEXTS);
  }

  /** Of that type, and now and then of another, or of nothing. */
  private id(type: string): string {
    if (this.chance.happens(0.01)) return this.chance.one(["", "not an id", "TGljZW5zZTox"]);
    const all = [...this.known.ids.values()].flat();
    return this.chance.one(this.known.ids.get(type) ?? all);
  }
}

function literal(type: GraphQLInputType, value: unknown): string {
  const inner = getNullableType(type);
  if (value === null) return "null";
  if (isListType(inner)) return `[${(value as unknown[]).map((item) => literal(inner.ofType, item)).join(", ")}]`;
  if (isEnumType(inner)) return String(value);
  if (!isInputObjectType(inner)) return JSON.stringify(value);
  const parts = Object.entries(value as object).map(([name, part]) => {
    const field = inner.getFields()[name];
    return field ? `${name}: ${literal(field.type, part)}` : "";
  });
  return `{ ${parts.join(", ")} }`;
}
