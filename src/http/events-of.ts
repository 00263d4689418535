import { type ExecutionResult, GraphQLError } from "graphql";
import { AppError } from "../errors.js";
import type { Session } from "./authentication/session.js";
import type { Patience } from "./patience.js";

/** A line that says nothing: it opens the stream, and keeps it open. */
const PING = ":\n\n";
/** Tells apart what has come to its end from what is cut off, after which a client subscribes again. */
const COMPLETE = "event: complete\ndata:\n\n";
const DONE = { done: true, value: undefined } as const;

/**
 * The text of a subscription's results as events. `return()` ends it at once: an async generator would first wait for the
 * result it has asked for.
 * @param onSlow is called when the caller does not take what it is sent; the last event, when it takes it, says so.
 */
export function eventsOf(
  results: AsyncIterableIterator<ExecutionResult>,
  session: Session,
  print: (result: ExecutionResult) => string,
  { pingMs, takenWithinMs }: Patience,
  onSlow: () => void,
): AsyncIterableIterator<string> {
  let opened = false;
  let asked: Promise<IteratorResult<ExecutionResult>> | null = null;
  /** Said once the results have ended. */
  let last: string[] = [COMPLETE];
  let taking: NodeJS.Timeout | undefined;

  const event = (result: ExecutionResult) => `event: next\ndata: ${print(result)}\n\n`;
  const endWith = (...events: string[]) => {
    last = events;
    void results.return?.();
  };
  const stop = session.onEnd(() => endWith(event({ errors: [accessEnded()] }), COMPLETE));
  const give = (value: string) => {
    taking = setTimeout(() => {
      endWith(event({ errors: [tooSlow(takenWithinMs)] }));
      onSlow();
    }, takenWithinMs);
    return { done: false, value } as const;
  };
  const following = async (): Promise<string | undefined> => {
    if (!opened) {
      opened = true;
      return PING;
    }
    asked ??= results.next().catch((error: Error) => {
      endWith(event({ errors: [toError(error)] }), COMPLETE);
      return DONE;
    });
    const told = await within(asked, pingMs);
    if (told === null) return PING;
    asked = null;
    if (!told.done) return event(told.value);
    stop();
    return last.shift();
  };
  return {
    async next() {
      clearTimeout(taking);
      const value = await following();
      return value === undefined ? DONE : give(value);
    },
    async return() {
      clearTimeout(taking);
      last = [];
      stop();
      await results.return?.();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function accessEnded(): GraphQLError {
  return toError(new AppError("UNAUTHENTICATED", "The access that this was subscribed with has ended."));
}

function tooSlow(limit: number): GraphQLError {
  return toError(
    new AppError(
      "LIMIT_EXCEEDED",
      `What this subscription told was not taken within ${limit / 1000} seconds. Subscribe again to be told how things stand.`,
      { kind: "takenWithinMs", limit },
    ),
  );
}

function toError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}

/** Null when it takes longer. */
async function within<Value>(value: Promise<Value>, waitMs: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitMs, null);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
