import type { ApolloServerPlugin, GraphQLRequestContext } from "@apollo/server";
import {
  type DocumentNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  Kind,
  OperationTypeNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { AuditOutcome } from "../entities/audit-event.js";
import type { ErrorCode } from "../errors.js";
import type { Context } from "../resolvers/context.js";
import type { Access } from "../schema/access.js";
import { writeAuditEvent } from "../sync/access/write-audit-event.js";
import type { Core } from "../sync/core.js";

/** Who asked, and under which name. */
interface Asker {
  readonly access: Access;
  readonly requestId: string;
}

/** What was asked for, as it came or as it was read. */
interface Asked {
  readonly query?: unknown;
  readonly document?: DocumentNode | undefined;
  readonly operationName?: string | null | undefined;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Tells of mutations that somebody asked for and that were not looked at: the request was refused for what it holds, how much
 * it asks, or the way it came; or one before them failed, and nothing is answered but that. What they were to be given was not
 * read by its types, so that it is not told: nobody knows which of it is secret.
 */
export class RefusedMutations {
  constructor(
    private readonly core: Core,
    private readonly schema: GraphQLSchema,
    private readonly mostTokens: number,
  ) {}

  /** Who was refused is refused also when nobody can be told of it. */
  async tell({ access, requestId }: Asker, asked: Asked, code: ErrorCode): Promise<void> {
    await this.tellOf(new Set(this.mutationsOf(asked)), { access, requestId }, code);
  }

  private async tellOf(mutations: Iterable<string>, { access, requestId }: Asker, code: ErrorCode): Promise<void> {
    const outcome = code === "INTERNAL" ? AuditOutcome.FAILED : AuditOutcome.REFUSED;
    for (const mutation of mutations) {
      const { actor, role, teams } = access;
      const told = { actor, role, teams, mutation, input: {}, idempotencyKey: null, requestId };
      try {
        await writeAuditEvent(this.core.dataSource.manager, this.core, told, { outcome, code });
      } catch (error) {
        this.core.log.error({ error, mutation, actor, requestId, code }, "A refused mutation cannot be told of");
      }
    }
  }

  /** For Apollo Server, which refuses what does not fit the schema, and variables that do not fit the operation. */
  get plugin(): ApolloServerPlugin<Context> {
    const willSendResponse = async (answered: GraphQLRequestContext<Context>) => {
      const { contextValue, document, operation, request, response } = answered;
      if (!document || response.body?.kind !== "single") return;
      const { data, errors } = response.body.singleResult;
      // With data, each mutation was begun, and has told of itself.
      if (data || !errors?.[0]) return;
      const asked = { document, operationName: request.operationName };
      const code = errors[0].extensions?.code as ErrorCode;
      if (data === undefined) return this.tell(contextValue, asked, code);
      const { coerced } = getVariableValues(this.schema, operation?.variableDefinitions ?? [], request.variables ?? {});
      const rest = this.mutationsOf(asked, coerced);
      await this.tellOf(without(rest, contextValue.begunMutations), contextValue, code);
    };
    return { requestDidStart: async () => ({ willSendResponse }) };
  }

  /**
   * By the names that the schema has, one for each that is to be answered; none of what is no mutation.
   * @param variables where they were found to fit.
   */
  private mutationsOf(
    { query, document = this.read(query), operationName }: Asked,
    variables: Variables | null = null,
  ): readonly string[] {
    const operation = document && getOperationAST(document, operationName);
    if (!document || operation?.operation !== OperationTypeNode.MUTATION) return [];
    const known = this.schema.getMutationType()?.getFields() ?? {};
    const names = [...fieldsOf(document, operation.selectionSet, variables).values()];
    return names.filter((name) => Object.hasOwn(known, name));
  }

  private read(query: unknown): DocumentNode | undefined {
    // Nothing is parsed twice but what is likely one.
    if (typeof query !== "string" || !query.includes("mutation")) return undefined;
    try {
      return parse(query, { maxTokens: this.mostTokens });
    } catch {
      return undefined;
    }
  }
}

/** The names of the fields that a document selects here, also by fragments; what is answered twice, by two names, is there twice. */
function fieldsOf(
  document: DocumentNode,
  selected: SelectionSetNode,
  variables: Variables | null,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const spread = new Set<string>();
  const rest = [selected];
  for (let set = rest.pop(); set; set = rest.pop()) {
    for (const selection of set.selections) {
      if (variables && !isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FIELD)
        names.set(`${selection.alias?.value} ${selection.name.value}`, selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) rest.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        rest.push(...fragmentsNamed(document, selection.name.value));
      }
    }
  }
  return names;
}

function isIncluded(selection: SelectionNode, variables: Variables): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
  return skip?.if !== true && include?.if !== false;
}

/** Those of the names that are left when each of the others has taken one. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const taken = [...others];
  return names.filter((name) => {
    const at = taken.indexOf(name);
    if (at !== -1) taken.splice(at, 1);
    return at === -1;
  });
}

function fragmentsNamed(document: DocumentNode, name: string): SelectionSetNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name ? [definition.selectionSet] : [],
  );
}
