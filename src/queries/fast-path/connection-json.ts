import { type GraphQLObjectType, getNamedType, isObjectType } from "graphql";
import type { Condition } from "../conditions.js";
import { countSql } from "../count.js";
import { filterConditions, type List, type ListRequest, type Relation } from "../list.js";
import { type ListScope, scopeOfCount, scopeOfPage } from "../list-scope.js";
import { keyColumns, type NodeClass } from "../node-key.js";
import { planWalk, segmentsSql, type Walk } from "../page.js";
import { argumentsOf } from "./compilation.js";
import { cursorSql } from "./cursor-sql.js";
import { type Json, textOf } from "./json-text.js";
import type { FieldJson, Place } from "./shape.js";
import type { Call, Late, Sql } from "./template.js";
import { Unserved } from "./unserved.js";

// biome-ignore lint/suspicious/noExplicitAny: each list has a filter and orders of its own, which the schema has checked.
type AnyList = List<any, any, any>;
type AnyRequest = ListRequest<Record<string, unknown>, string>;

/** What a request asks of a connection. */
export interface Asked {
  readonly list: AnyList;
  readonly request: AnyRequest;
}

/** A page of a whole list, by the field's own arguments. */
export function page(list: AnyList): FieldJson {
  return (place) => {
    const args = argumentsOf(place);
    return connectionJson(place, null, (call) => ({ list, request: args(call) }));
  };
}

/** A page of what belongs to the row. */
export function related(list: AnyList, relation: Relation): FieldJson {
  return (place) => {
    const args = argumentsOf(place);
    return connectionJson(place, relation, (call) => ({ list, request: args(call) }));
  };
}

/** How many of a list belong to the row. */
export function countOf(list: AnyList, relation: Relation): FieldJson {
  return (place) => new Connection(place, relation, () => ({ list, request: {} })).totalJson();
}

/** A page of what is asked, or how many there are in all, or both; each is read only when it is selected. */
export function connectionJson(place: Place, relation: Relation | null, ask: (call: Call) => Asked): Json {
  return new Connection(place, relation, ask).json();
}

/** What a request's page is. */
interface Planned {
  readonly call: Call;
  readonly asked: Asked;
  readonly scope: ListScope;
  readonly walk: Walk;
  readonly conditions: readonly Condition[];
}

class Connection {
  /** The alias of the page's rows. */
  readonly #row: string;
  /** Whether the page needs to know of the item after its last, and which item is its first. */
  #isNumbered = false;
  #planned: Planned | null = null;

  constructor(
    private readonly place: Place,
    private readonly relation: Relation | null,
    private readonly ask: (call: Call) => Asked,
  ) {
    this.#row = place.compilation.newAlias();
  }

  json(): Json {
    const { compilation, field, nodes } = this.place;
    const type = getNamedType(field.type) as GraphQLObjectType;
    const selected = [...compilation.selected(type, nodes)];
    const isNamed = (wanted: string) => selected.some(([, [node]]) => node?.name.value === wanted);
    this.#isNumbered = isNamed("pageInfo");
    const parts = selected.flatMap(([name, ofName], at) => [
      `${at === 0 ? "" : ","}"${name}":`,
      ...this.partJson(type, ofName),
    ]);
    const json = ["{", ...parts, "}"];
    if (!["nodes", "edges", "pageInfo"].some(isNamed)) return json;
    return [{ sql: ["(SELECT ", ...textOf(json), " FROM (", this.rows, `) AS ${this.#row} HAVING true)`] }];
  }

  totalJson(): Json {
    return [{ sql: [(call) => this.countSql(call)] }];
  }

  private partJson(type: GraphQLObjectType, nodes: Place["nodes"]): Json {
    const name = nodes[0]?.name.value ?? "";
    const field = type.getFields()[name];
    if (name === "__typename") return [`"${type.name}"`];
    if (name === "totalCount") return this.totalJson();
    if (!field) throw new Unserved(`${type.name}.${name}`);
    const place: Place = { ...this.place, type, field, nodes, row: this.#row };
    if (name === "nodes") return this.itemsJson(this.itemJson(place));
    if (name === "edges") return this.itemsJson(this.edgeJson(place));
    return this.pageInfoJson(place);
  }

  private itemsJson(item: Json): Json {
    const sql: Sql = ["string_agg(", ...textOf(item), ", ','", this.itemOrder, ")", this.onlyKept];
    return ["[", { sql }, "]"];
  }

  /** A row of the page, as whatever type it has. */
  private itemJson(place: Place): Json {
    const { compilation, field, nodes, row } = place;
    const type = getNamedType(field.type);
    if (isObjectType(type)) return compilation.objectJson(type, nodes, row);
    const variants = compilation.variantsOf(type.name);
    return variants(place);
  }

  private edgeJson({ compilation, field, nodes, row }: Place): Json {
    const type = getNamedType(field.type) as GraphQLObjectType;
    const parts = [...compilation.selected(type, nodes)].flatMap(([name, ofName], at) => {
      const wanted = ofName[0]?.name.value ?? "";
      const json = (): Json => {
        if (wanted === "__typename") return [`"${type.name}"`];
        if (wanted === "cursor") return ['"', { sql: [this.cursor] }, '"'];
        const nodeField = type.getFields()[wanted];
        if (!nodeField) throw new Unserved(`${type.name}.${wanted}`);
        return this.itemJson({ compilation, type, field: nodeField, nodes: ofName, row });
      };
      return [`${at === 0 ? "" : ","}"${name}":`, ...json()];
    });
    return ["{", ...parts, "}"];
  }

  private pageInfoJson({ compilation, field, nodes }: Place): Json {
    const type = getNamedType(field.type) as GraphQLObjectType;
    const at = `${this.#row}."_at"`;
    const last = (size: number) => `${at} = LEAST(${this.#row}."_found", ${size})`;
    const values: Readonly<Record<string, Json>> = {
      __typename: [`"${type.name}"`],
      hasNextPage: [{ sql: [(call) => this.moreSql(call, false)] }],
      hasPreviousPage: [{ sql: [(call) => this.moreSql(call, true)] }],
      startCursor: this.cursorWhere(({ backward, size }) => (backward ? last(size) : `${at} = 1`)),
      endCursor: this.cursorWhere(({ backward, size }) => (backward ? `${at} = 1` : last(size))),
    };
    const parts = [...compilation.selected(type, nodes)].flatMap(([name, ofName], index) => {
      const value = values[ofName[0]?.name.value ?? ""];
      if (!value) throw new Unserved(`${type.name}.${ofName[0]?.name.value}`);
      return [`${index === 0 ? "" : ","}"${name}":`, ...value];
    });
    return ["{", ...parts, "}"];
  }

  private readonly cursor: Late = (call) => cursorSql(this.plan(call).walk.order, this.#row);

  private cursorWhere(condition: (walk: Walk) => string): Json {
    const found: Late = (call) => {
      const { walk } = this.plan(call);
      const kept = `${this.#row}."_at" <= ${walk.size}`;
      return `max(${this.cursor(call)}) FILTER (WHERE ${condition(walk)} AND ${kept})`;
    };
    return [{ sql: [`COALESCE('"' || `, found, ` || '"', 'null')`] }];
  }

  /** Whether there is more: looked up where the walk goes on, and as the request says on the other side. */
  private moreSql(call: Call, before: boolean): string {
    const { walk, asked } = this.plan(call);
    if (walk.backward === before) return `(count(*) > ${walk.size})::text`;
    return `'${Boolean(before ? asked.request.after : asked.request.before)}'`;
  }

  /** Rows come in the order of the walk, which a backward one is turned round from. */
  private readonly itemOrder: Late = (call) => {
    const { walk } = this.plan(call);
    if (!walk.backward) return "";
    const { columns } = walk.order;
    const turned = walk.direction === "ASC" ? "DESC" : "ASC";
    return ` ORDER BY ${columns.map(({ name }) => `${this.#row}.${name} ${turned}`).join(", ")}`;
  };

  private readonly onlyKept: Late = (call) =>
    this.#isNumbered ? ` FILTER (WHERE ${this.#row}."_at" <= ${this.plan(call).walk.size})` : "";

  private readonly rows: Late = (call) => {
    const { asked, scope, walk, conditions } = this.plan(call);
    const limit = this.#isNumbered ? walk.size + 1 : walk.size;
    const found = segmentsSql({ list: asked.list, scope, walk, limit, conditions }, call.bind);
    if (!this.#isNumbered) return found;
    return `SELECT item.*, row_number() OVER () AS "_at", count(*) OVER () AS "_found" FROM (${found}) AS item`;
  };

  private countSql(call: Call): string {
    const { list, request } = this.ask(call);
    const conditions = [...this.ofParent(), ...filterConditions(list, request.filter)];
    return countSql({ list, scope: scopeOfCount(list.scope, call.teams), conditions }, call.bind);
  }

  /** Once a request, since several parts of the statement depend on it. */
  private plan(call: Call): Planned {
    if (this.#planned?.call === call) return this.#planned;
    const asked = this.ask(call);
    const { list, request } = asked;
    const filters = filterConditions(list, request.filter);
    const ofParent = this.relation?.columns.map(({ name }) => name) ?? [];
    const walk = planWalk(list, request, [...ofParent, ...filters.flatMap(({ fixes }) => fixes)]);
    const scope = scopeOfPage(list.scope, call.teams);
    this.#planned = { call, asked, scope, walk, conditions: [...this.ofParent(), ...filters] };
    return this.#planned;
  }

  private ofParent(): Condition[] {
    if (!this.relation) return [];
    const { compilation, type, row } = this.place;
    const { entity } = compilation.shapeOf(type);
    if (!entity) throw new Unserved(`lists of ${type.name}`);
    const key = keyColumns(entity as NodeClass);
    const joined = this.relation.columns.map(({ name }, at) => `item.${name} = ${row}.${key[at]?.name}`);
    return [{ sql: () => joined.join(" AND "), fixes: [] }];
  }
}
