import type { AppleSimulator } from "../simulators/apple/start-apple-simulator.js";
import { ApiRefusal } from "./api.js";
import type { AppleSide } from "./apple-side.js";
import type { Chance } from "./chance.js";
import type { ForeignHands } from "./foreign-hands.js";
import type { OurSide } from "./our-side.js";
import type { SoakService } from "./service.js";
import type { TransactionWatch } from "./watch-transactions.js";

/** Everything one history is played with. */
export interface Stage {
  readonly simulator: AppleSimulator;
  readonly apple: AppleSide;
  readonly ours: OurSide;
  readonly service: SoakService;
  readonly hands: ForeignHands;
  readonly transactions: TransactionWatch;
  /** Global ids. */
  readonly token: string;
  readonly target: string;
  readonly mock: Readonly<Record<string, unknown>>;
}

/** One thing that may happen; `run` says in a few words what did. */
export interface Action {
  readonly name: string;
  readonly weight: number;
  run(stage: Stage, chance: Chance): Promise<string>;
}

/** Asks the API for a change; a refusal, or nobody there, is an outcome like any other. */
export async function attempt(stage: Stage, operation: string, variables: Record<string, unknown>): Promise<string> {
  try {
    await stage.service.ask(operation, variables);
    return "done";
  } catch (error) {
    return error instanceof ApiRefusal ? error.code : "nobody answered";
  }
}
