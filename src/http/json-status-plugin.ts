import type { ApolloServerPlugin } from "@apollo/server";
import type { Context } from "../resolvers/context.js";

/**
 * Who reads `application/json` and nothing newer is told with 200 what is wrong with a request, in the body, as the
 * specification of GraphQL over HTTP says: an intermediary may have answered anything else. All others get 400.
 */
export function jsonStatusPlugin(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response }) {
          const accepted = request.http?.headers.get("accept");
          if (response.http.status !== 400 || !accepted || response.body?.kind !== "single") return;
          if (!accepted.includes("application/json") || accepted.includes("application/graphql-response+json")) return;
          const { errors = [] } = response.body.singleResult;
          if (errors.every(({ extensions }) => extensions?.code === "INVALID_INPUT")) response.http.status = 200;
        },
      };
    },
  };
}
