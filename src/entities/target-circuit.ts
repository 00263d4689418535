import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Target } from "./target.js";

export enum CircuitState {
  CLOSED = "CLOSED",
  OPEN = "OPEN",
  HALF_OPEN = "HALF_OPEN",
}
registerEnumType(CircuitState, {
  name: "CircuitState",
  description: "Whether a target is called.",
  valuesConfig: {
    CLOSED: { description: "It is." },
    OPEN: { description: "It is not, since calls have failed; what is due there waits until `until`." },
    HALF_OPEN: { description: "The pause is over: one call tries it, and the others wait for how that goes." },
  },
});

@ObjectType({
  description:
    "Whether a target is called. It opens after three calls in a row that failed, at once when an admin has to act or when the product asks for a pause; each further failure doubles the pause, up to an hour. One call that succeeds closes it, as does `checkTarget`.",
})
export class TargetCircuit {
  @Field(() => CircuitState, { description: "Whether it is called." })
  state!: CircuitState;

  @Field(() => Date, { nullable: true, description: "Since when it is not CLOSED; null while it is." })
  since!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: "When it is tried again at the earliest; null while it is CLOSED.",
  })
  until!: Date | null;

  @Field(() => Int, { description: "How many calls in a row have failed." })
  consecutiveFailures!: number;

  @Field(() => String, {
    nullable: true,
    description: "Why the last of these failed; null when the last call succeeded.",
  })
  lastError!: string | null;

  @Field(() => Date, { nullable: true, description: "When that was." })
  lastFailedAt!: Date | null;
}

/** What a target keeps of the calls that failed. */
export type StoredCircuit = Pick<Target, "failures" | "openedAt" | "pausedUntil" | "lastError" | "lastFailedAt">;

/** A target's circuit as it is at this moment. */
export function circuitOf(target: StoredCircuit, now: Date): TargetCircuit {
  const { failures, openedAt, pausedUntil, lastError, lastFailedAt } = target;
  return Object.assign(new TargetCircuit(), {
    state: stateOf(pausedUntil, now),
    since: openedAt,
    until: pausedUntil,
    consecutiveFailures: failures,
    lastError,
    lastFailedAt,
  });
}

function stateOf(pausedUntil: Date | null, now: Date): CircuitState {
  if (pausedUntil === null) return CircuitState.CLOSED;
  return pausedUntil > now ? CircuitState.OPEN : CircuitState.HALF_OPEN;
}
