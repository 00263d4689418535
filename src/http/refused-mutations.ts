import type { ApolloServerPlugin, GraphQLRequestContext } from "@apollo/server";
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
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

/**
 * Tells of mutations that somebody asked for in a request that was refused before any of them was looked at: for what it
 * holds, how much it asks, or the way it came. What they were to be given was not read by its types, so that it is not told:
 * nobody knows which of it is secret.
 */
export class RefusedMutations {
  constructor(
    private readonly core: Core,
    private readonly schema: GraphQLSchema,
    private readonly mostTokens: number,
  ) {}

  /** Who was refused is refused also when nobody can be told of it. */
  async tell({ access, requestId }: Asker, asked: Asked, code: ErrorCode): Promise<void> {
    const outcome = code === "INTERNAL" ? AuditOutcome.FAILED : AuditOutcome.REFUSED;
    for (const mutation of this.mutationsOf(asked)) {
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
    const willSendResponse = async ({ contextValue, document, request, response }: GraphQLRequestContext<Context>) => {
      if (!document || response.body?.kind !== "single") return;
      const { data, errors } = response.body.singleResult;
      // What was executed has data, if only null, and its mutations have told of themselves.
      if (data !== undefined || !errors?.[0]) return;
      const asked = { document, operationName: request.operationName };
      await this.tell(contextValue, asked, errors[0].extensions?.code as ErrorCode);
    };
    return { requestDidStart: async () => ({ willSendResponse }) };
  }

  /** By the names that the schema has, each once; none of what is no mutation. */
  private mutationsOf({ query, document = this.read(query), operationName }: Asked): readonly string[] {
    const operation = document && getOperationAST(document, operationName);
    if (!document || operation?.operation !== OperationTypeNode.MUTATION) return [];
    const known = this.schema.getMutationType()?.getFields() ?? {};
    return [...fieldsOf(document, operation.selectionSet)].filter((name) => Object.hasOwn(known, name));
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

/** The names of the fields that a document selects here, also by fragments. */
function fieldsOf(document: DocumentNode, selected: SelectionSetNode): ReadonlySet<string> {
  const names = new Set<string>();
  const spread = new Set<string>();
  const rest = [selected];
  for (let set = rest.pop(); set; set = rest.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) rest.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        rest.push(...fragmentsNamed(document, selection.name.value));
      }
    }
  }
  return names;
}

function fragmentsNamed(document: DocumentNode, name: string): SelectionSetNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name ? [definition.selectionSet] : [],
  );
}
