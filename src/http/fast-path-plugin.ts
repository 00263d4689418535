import type { ApolloServerPlugin } from "@apollo/server";
import type { Deadline } from "../queries/deadline.js";
import type { Context } from "../resolvers/context.js";
import { asksForFastPath } from "./fast-answer.js";

/** Tells who asks for it that an answer was not one statement's, and why. @param reasons by what each request has of its own */
export function fastPathPlugin(reasons: WeakMap<Deadline, string>): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response, contextValue }) {
          if (!asksForFastPath(request.extensions) || response.body?.kind !== "single") return;
          const { singleResult } = response.body;
          const reason = reasons.get(contextValue.deadline) ?? "It was not sent by POST as JSON alone";
          singleResult.extensions = { ...singleResult.extensions, fastPath: { served: false, reason } };
        },
      };
    },
  };
}
