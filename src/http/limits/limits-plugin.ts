import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from "@apollo/server";
import { OperationTypeNode } from "graphql";
import { AppError } from "../../errors.js";
import type { Context } from "../../resolvers/context.js";
import type { PersistedOperations } from "../persisted/persisted-operations.js";
import { toRequestError } from "./over-limit.js";
import type { CheckCost } from "./query-cost.js";

/** What Apollo Server has to ask before it executes an operation, and to say of one that took too long. */
export function limitsPlugin(checkCost: CheckCost, persisted: PersistedOperations): ApolloServerPlugin<Context> {
  const listener: GraphQLRequestListener<Context> = {
    didResolveOperation: async ({ source, document, operation, request, contextValue }) => {
      asRequestErrors(() => {
        persisted.refuseUnlisted(contextValue.access, source);
        checkCost({ document, operationName: request.operationName, variables: request.variables });
      });
      if (operation?.operation === OperationTypeNode.MUTATION) contextValue.deadline.lift();
    },
    willSendResponse: async (request) => tellOnce(request),
  };
  return { requestDidStart: async () => listener };
}

function asRequestErrors(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof AppError ? toRequestError(error) : error;
  }
}

/** Of a query that was ended, every field says so; the caller is told once, and of nothing half done. */
function tellOnce({ response }: GraphQLRequestContext<Context>): void {
  if (response.body?.kind !== "single") return;
  const { errors } = response.body.singleResult;
  const ended = errors?.find(({ extensions }) => isDeadline(extensions?.details));
  if (!ended) return;
  const { path: _, locations: __, ...told } = ended;
  response.body.singleResult = { errors: [told], data: null };
}

function isDeadline(details: unknown): boolean {
  return (details as { readonly kind?: unknown } | undefined)?.kind === "queryMs";
}
