import { type ExecutionResult, type GraphQLSchema, parse } from "graphql";
import { Role } from "../../../src/entities/role.js";
import { subscribeInTurns } from "../../../src/http/subscribe-in-turns.js";
import { Deadline } from "../../../src/queries/deadline.js";
import { createContexts } from "../../../src/resolvers/context.js";
import { WITHOUT_LIMITS } from "../../http/start-api.js";
import type { SampleApi } from "../sample-api.js";

interface Asked {
  readonly text: string;
  readonly variables: Record<string, unknown>;
  readonly count: number;
}

/** The data of the first events of a subscription; nobody asks for a further one, as a socket would. */
export async function firstEvents(
  { core, changes }: SampleApi,
  schema: GraphQLSchema,
  { text, variables, count }: Asked,
): Promise<unknown[]> {
  // Of their own, so that nobody was told anything a moment ago and none has to wait for a turn.
  const createContext = createContexts(core, changes);
  const access = { actor: "admin", role: Role.ADMIN, teams: null };
  const results = await subscribeInTurns({ limits: WITHOUT_LIMITS, checkCost: () => 1 })({
    schema,
    document: parse(text),
    variableValues: variables,
    contextValue: createContext(access, "these events", Deadline.ofEachStatement(30_000)),
  });
  if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results.errors));
  const events: unknown[] = [];
  while (events.length < count) events.push(dataOf((await results.next()).value));
  await results.return?.();
  return events;
}

function dataOf({ data, errors }: ExecutionResult): unknown {
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
