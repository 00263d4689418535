import { setImmediate as soon } from "node:timers/promises";
import { buildSchema, type ExecutionResult, type GraphQLObjectType, parse } from "graphql";
import { beforeEach, expect, test } from "vitest";
import { type Subscribe, subscribeInTurns } from "../../src/http/subscribe-in-turns.js";
import { WITHOUT_LIMITS } from "./start-api.js";

const schema = buildSchema("type Query { none: Int } type Subscription { number: Int }");
const document = parse("subscription { number }");
/** How many events were being answered at a time, each time that an answer began. */
let underWay: number[];
let answering: number;
/** No answer comes before this. */
let held: Promise<void>;
beforeEach(() => {
  underWay = [];
  answering = 0;
  held = Promise.resolve();
});

/** Answers each number after a moment, the first ones the latest. */
async function answer(number: number): Promise<number> {
  answering += 1;
  underWay.push(answering);
  await held;
  await new Promise((resolve) => setTimeout(resolve, 20 - number));
  answering -= 1;
  return number;
}

function follow(source: AsyncIterable<readonly number[]>, cost: number, limit: number): ReturnType<Subscribe> {
  const field = (schema.getSubscriptionType() as GraphQLObjectType).getFields().number;
  if (!field) throw new Error("There is no such subscription");
  Object.assign(field, { subscribe: () => source, resolve: answer });
  return subscribeInTurns({ limits: { ...WITHOUT_LIMITS, cost: limit }, checkCost: () => cost })({ schema, document });
}

async function results(
  source: AsyncIterable<readonly number[]>,
  { cost, limit }: { readonly cost: number; readonly limit: number },
): Promise<AsyncIterableIterator<ExecutionResult>> {
  const followed = await follow(source, cost, limit);
  if (!(Symbol.asyncIterator in followed)) throw new Error(JSON.stringify(followed.errors));
  return followed;
}

async function numbersOf(told: AsyncIterable<ExecutionResult>): Promise<unknown[]> {
  const numbers: unknown[] = [];
  for await (const { data } of told) numbers.push(data?.number);
  return numbers;
}

async function* turns(...all: (readonly number[])[]): AsyncGenerator<readonly number[], undefined, undefined> {
  yield* all;
}

test("what one turn tells is answered together and told in its order, one turn after the other", async () => {
  const told = await results(turns([1, 2, 3], [4, 5]), { cost: 10, limit: 1_000 });
  expect(await numbersOf(told)).toEqual([1, 2, 3, 4, 5]);
  expect(underWay).toEqual([1, 2, 3, 1, 2]);
});

test("no more events are answered together than one operation may cost, and one at least", async () => {
  expect(await numbersOf(await results(turns([1, 2, 3, 4, 5]), { cost: 10, limit: 25 }))).toEqual([1, 2, 3, 4, 5]);
  expect(underWay).toEqual([1, 2, 1, 2, 1]);
  underWay = [];
  expect(await numbersOf(await results(turns([1, 2]), { cost: 100, limit: 25 }))).toEqual([1, 2]);
  expect(underWay).toEqual([1, 1]);
});

test("nothing is answered beyond what was taken and is told with it", async () => {
  const told = await results(turns([1, 2, 3, 4], [5]), { cost: 1, limit: 2 });
  expect((await told.next()).value.data).toEqual({ number: 1 });
  expect((await told.next()).value.data).toEqual({ number: 2 });
  expect(underWay).toHaveLength(2);
  await told.return?.();
  expect((await told.next()).done).toBe(true);
  expect(underWay).toHaveLength(2);
});

test("who leaves while an answer is on its way ends the source at once, and waits for no answer", async () => {
  let answerAll: () => void = () => undefined;
  held = new Promise((resolve) => {
    answerAll = resolve;
  });
  const source = turns([1], [2]);
  const told = await results(source, { cost: 1, limit: 1 });
  const first = told.next();
  await soon();
  expect(answering).toBe(1);
  await told.return?.();
  expect((await source.next()).done).toBe(true);
  answerAll();
  expect((await first).value.data).toEqual({ number: 1 });
  expect((await told.next()).done).toBe(true);
});
