import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { ApiRefusal } from "../api.js";
import type { Chance } from "../chance.js";
import type { OurSide } from "../our-side.js";
import type { SoakService } from "../service.js";
import type { TransactionWatch } from "../watch-transactions.js";
import type { AppleSide } from "./apple-side.js";
import type { ForeignHands } from "./foreign-hands.js";

/** One of the service's tokens and the location at Apple that it opens. */
export interface StagedToken {
  /** Global id. */
  readonly id: string;
  readonly apple: AppleSide;
}

/** Everything one history is played with. */
export interface Stage {
  readonly simulator: AppleSimulator;
  readonly tokens: readonly StagedToken[];
  readonly ours: OurSide;
  readonly service: SoakService;
  readonly hands: ForeignHands;
  readonly transactions: TransactionWatch;
  /** Global id. */
  readonly target: string;
  readonly mock: Readonly<Record<string, unknown>>;
  /** The control plane where no single location is meant. @returns false when the simulator refused. */
  control(call: string, input?: Record<string, unknown>): Promise<boolean>;
}

/** One thing that may happen; `run` says in a few words what did. */
export interface Action {
  readonly name: string;
  readonly weight: number;
  run(stage: Stage, chance: Chance): Promise<string>;
}

/** How often it is the first one that something happens to. */
const MOSTLY = 0.7;

export function aToken({ tokens }: Stage, chance: Chance): StagedToken {
  const [first] = tokens;
  return first && chance.happens(MOSTLY) ? first : chance.one(tokens);
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
