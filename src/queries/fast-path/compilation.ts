import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from "graphql";
import { collectSubfields } from "graphql/execution/collectFields.js";
import type { DataSource } from "typeorm";
import { accessRuleOf } from "../../entities/allow.js";
import { Node } from "../../entities/node.js";
import { type Role, reaches } from "../../entities/role.js";
import { globalIdSql } from "../global-id-sql.js";
import { keyColumns, type NodeClass } from "../node-key.js";
import { scopeOf } from "../node-scopes.js";
import type { Json } from "./json-text.js";
import type { ProcessFacts } from "./process-facts.js";
import { scalarJson } from "./scalar-json.js";
import type { FieldJson, Place, Shape } from "./shape.js";
import type { Call, Late } from "./template.js";
import { Unserved } from "./unserved.js";

/** Who asks, as far as a statement's shape depends on it. */
export interface Audience {
  readonly role: Role;
  /** Sees what its teams see, and no more. */
  readonly isLimited: boolean;
}

interface Options {
  readonly schema: GraphQLSchema;
  readonly db: DataSource;
  readonly facts: ProcessFacts;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly variants: ReadonlyMap<string, FieldJson>;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  /** Those that @skip and @include ask for. */
  readonly switches: Readonly<Record<string, unknown>>;
  readonly audience: Audience;
}

/** Makes the JSON text of one operation's selection, for one kind of caller. */
export class Compilation {
  #aliases = 0;

  constructor(private readonly options: Options) {}

  get facts(): ProcessFacts {
    return this.options.facts;
  }

  /** Unique in the statement. */
  newAlias(): string {
    return `t${++this.#aliases}`;
  }

  /** The GraphQL type of that name. */
  typeOf({ name }: NodeClass): GraphQLObjectType {
    const type = this.options.schema.getType(name);
    if (!isObjectType(type)) throw new Unserved(`the type ${name}`);
    return type;
  }

  tableOf(entity: NodeClass): string {
    return `"${this.options.db.getMetadata(entity).tableName}"`;
  }

  shapeOf(type: GraphQLObjectType): Shape {
    const shape = this.options.shapes.get(type.name);
    if (!shape) throw new Unserved(`the type ${type.name}`);
    return shape;
  }

  /** How rows are told that are objects of several types. */
  variantsOf(name: string): FieldJson {
    const variants = this.options.variants.get(name);
    if (!variants) throw new Unserved(`the type ${name}`);
    return variants;
  }

  /**
   * The object that a row is, or that a part of it is.
   * @param fields what is read in another way here than the type's shape says
   */
  objectJson(type: GraphQLObjectType, nodes: readonly FieldNode[], row: string, fields: Shape["fields"] = {}): Json {
    const parts = [...this.selected(type, nodes)].flatMap(([name, ofName], at) => [
      `${at === 0 ? "" : ","}"${name}":`,
      ...this.fieldJson(type, ofName, row, fields),
    ]);
    return ["{", ...parts, "}"];
  }

  /** The fields of an object by their names in the answer, in its order, those of fragments among them. */
  selected(type: GraphQLObjectType, nodes: readonly FieldNode[]): ReadonlyMap<string, readonly FieldNode[]> {
    const { schema, fragments, switches } = this.options;
    return collectSubfields(schema, fragments, switches, type, nodes);
  }

  mayAccess(extended: Parameters<typeof accessRuleOf>[0]): boolean {
    const rule = accessRuleOf(extended);
    const { role, isLimited } = this.options.audience;
    return rule === null || (reaches(role, rule.role) && !(rule.allTeams && isLimited));
  }

  /** SQL for whether the caller sees a row; empty for who sees everything. */
  inScope(entity: NodeClass, row: string): (string | Late)[] {
    if (!this.options.audience.isLimited) return [];
    const scope = scopeOf(entity);
    return [" AND ", ({ bind, teams }: Call) => scope(row, bind(teams, "text[]"))];
  }

  private fieldJson(
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    row: string,
    fields: NonNullable<Shape["fields"]>,
  ): Json {
    const name = nodes[0]?.name.value ?? "";
    if (name === "__typename") return [`"${type.name}"`];
    const field = type.getFields()[name];
    if (!field) throw new Unserved(`the field ${name}`);
    if (!this.mayAccess(field)) throw new Unserved(`${type.name}.${name} for a caller who may not`);
    const place: Place = { compilation: this, type, field, nodes, row };
    const json = fields[name] ?? this.shapeOf(type).fields?.[name] ?? this.derived(this.shapeOf(type), place);
    return json(place);
  }

  private derived(shape: Shape, { type, field }: Place): FieldJson {
    const isValue = isLeafType(getNamedType(field.type));
    if (shape.inJson && isValue && !isListType(getNullableType(field.type))) {
      return ({ row }) => scalarJson(field.type, [`${row}->>'${field.name}'`], true);
    }
    if (field.name === "id" && isNode(shape.entity)) return idOf(shape.entity);
    const columns = shape.entity && isValue ? this.options.db.getMetadata(shape.entity).columns : [];
    const column = columns.find(({ propertyPath }) => propertyPath === field.name);
    if (!column) throw new Unserved(`${type.name}.${field.name}`);
    return ({ row }) => scalarJson(field.type, [`${row}.${column.databaseName}`], column.isNullable);
  }
}

/** A field's arguments at each request; worked out once where they are always the same. */
export function argumentsOf({ field, nodes }: Place): (call: Pick<Call, "variables">) => Record<string, unknown> {
  const [node] = nodes;
  if (!node) throw new Unserved("nothing");
  const read = (variables: Readonly<Record<string, unknown>>) => getArgumentValues(field, node, { ...variables });
  if (node.arguments?.some(({ value }) => hasVariable(value))) return ({ variables }) => read(variables);
  const always = read({});
  return () => always;
}

function hasVariable(value: { readonly kind: string }): boolean {
  return JSON.stringify(value).includes('"kind":"Variable"');
}

/** The object type of a field, or of what it lists. */
export function objectTypeOf({ field }: Place): GraphQLObjectType {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new Unserved(`${String(field.type)}, which is of several types`);
  return type;
}

function isNode(entity: Shape["entity"]): entity is NodeClass {
  return entity?.prototype instanceof Node;
}

function idOf(entity: NodeClass): FieldJson {
  const [first, ...rest] = keyColumns(entity).map(({ name }) => name);
  return ({ row }) => {
    const id = globalIdSql(entity.name, `${row}.${first}`, ...rest.map((name) => `${row}.${name}`));
    return ['"', { sql: [id] }, '"'];
  };
}
