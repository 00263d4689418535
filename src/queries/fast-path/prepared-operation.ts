import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from "graphql";
import type { DataSource } from "typeorm";
import type { Role } from "../../entities/role.js";
import { bindInto } from "../conditions.js";
import type { Teams } from "../scopes.js";
import { Compilation } from "./compilation.js";
import { textOf } from "./json-text.js";
import type { ProcessFacts } from "./process-facts.js";
import { shapes, variants } from "./shapes/index.js";
import { type Statement, Template } from "./template.js";
import { Unserved } from "./unserved.js";

/** Kinds of callers, and switches on or off: so many of one operation are remembered. */
const MOST_VARIANTS = 32;

interface Filling {
  readonly role: Role;
  readonly teams: Teams;
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly facts: ProcessFacts;
}

/** An operation of a valid document, whose statement is made once for each kind of caller. */
export class PreparedOperation {
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: Record<string, FragmentDefinitionNode> = {};
  /** The variables that @skip and @include depend on. */
  readonly #switches: readonly string[];
  readonly #templates = new Map<string, Template | Unserved>();

  constructor(
    private readonly options: {
      readonly schema: GraphQLSchema;
      readonly db: DataSource;
      readonly facts: ProcessFacts;
      /** Is told how many characters of statements are remembered from now on. */
      readonly note: (characters: number) => void;
    },
    document: DocumentNode,
    operationName: string | null,
  ) {
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== OperationTypeNode.QUERY) throw new Unserved("what is no query");
    this.#operation = operation;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition;
    }
    this.#switches = switchesIn(document);
  }

  /** The statement for a request, and its values. @throws Unserved, AppError, GraphQLError for what the ordinary execution answers. */
  fill({ role, teams, variables: sent, facts }: Filling): { statement: Statement; values: unknown[] } {
    const { errors, coerced } = getVariableValues(
      this.options.schema,
      this.#operation.variableDefinitions ?? [],
      { ...sent },
      { maxErrors: 1 },
    );
    if (!coerced) throw errors[0];
    const template = this.template(role, teams !== null, coerced);
    const values: unknown[] = [];
    return { statement: template.fill({ variables: coerced, teams, facts, bind: bindInto(values) }), values };
  }

  private template(role: Role, isLimited: boolean, variables: Readonly<Record<string, unknown>>): Template {
    // As JSON: in another operation of the document, a variable of the same name may be a text, and hold commas.
    const name = JSON.stringify([role, isLimited, ...this.#switches.map((name) => variables[name])]);
    const known = this.#templates.get(name) ?? this.compile(role, isLimited, variables);
    if (this.#templates.size >= MOST_VARIANTS) this.#templates.clear();
    this.#templates.set(name, known);
    if (known instanceof Unserved) throw known;
    return known;
  }

  private compile(role: Role, isLimited: boolean, switches: Readonly<Record<string, unknown>>): Template | Unserved {
    const { schema, db, facts, note } = this.options;
    const query = schema.getQueryType();
    if (!query) throw new Unserved("a schema without queries");
    const audience = { role, isLimited };
    const fragments = this.#fragments;
    const compilation = new Compilation({ schema, db, facts, shapes, variants, fragments, switches, audience });
    // The operation, as a field that returns the query type.
    const root = {
      kind: Kind.FIELD,
      name: { kind: Kind.NAME, value: "data" },
      selectionSet: this.#operation.selectionSet,
    };
    try {
      const json = compilation.objectJson(query, [root as FieldNode], "");
      return new Template(["SELECT ", ...textOf(['{"data":', ...json, "}\n"])], note);
    } catch (error) {
      if (error instanceof Unserved) return error;
      throw error;
    }
  }
}

function switchesIn(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => visit(directive, { Variable: ({ name }) => void names.add(name.value) }) && undefined,
  });
  return [...names];
}
