import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from "graphql";
import type { SubscriptionRules } from "./subscription-operation.js";

/** So many events at most are answered together. */
const MOST_TOGETHER = 50;

/** Gives an event's result after the other; or, where nothing can be subscribed to, what is wrong. */
export type Subscribe = (args: ExecutionArgs) => Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;

/**
 * Subscribes to a source that tells rows in turns, of which each is an event. As many are answered together as one operation
 * may cost, so that what they ask for is read together; the next ones are when all of these were taken. `return()` ends the
 * source at once, and waits for no answer.
 */
export function subscribeInTurns({ limits, checkCost }: Pick<SubscriptionRules, "limits" | "checkCost">): Subscribe {
  return async (args) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const { document, operationName, variableValues: variables } = args;
    const cost = checkCost({ document, operationName, variables });
    const together = Math.max(1, Math.min(MOST_TOGETHER, Math.floor(limits.cost / cost)));
    const turns = source[Symbol.asyncIterator]() as AsyncIterableIterator<readonly unknown[]>;
    return endingWith(turns, resultsOf(turns, args, together));
  };
}

/** The results, but for an end that waits for none: an async generator would first wait for the one it has been asked for. */
function endingWith(
  source: AsyncIterableIterator<unknown>,
  results: AsyncGenerator<ExecutionResult, void, void>,
): AsyncIterableIterator<ExecutionResult> {
  return {
    next: () => results.next(),
    async return() {
      await source.return?.();
      void results.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* resultsOf(
  turns: AsyncIterable<readonly unknown[]>,
  args: ExecutionArgs,
  together: number,
): AsyncGenerator<ExecutionResult, void, void> {
  for await (const rows of turns) {
    for (let at = 0; at < rows.length; at += together) {
      const events = rows.slice(at, at + together);
      yield* await Promise.all(events.map((rootValue) => execute({ ...args, rootValue })));
    }
  }
}
