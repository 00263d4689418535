import { TokenHealthState } from "../../entities/token.js";
import { SILENT_HEALTH } from "./silent-health.js";

/** States in which nothing is read with the token unless an admin asks: Apple would not answer, or it is paused. */
export const UNASKED_HEALTH: readonly TokenHealthState[] = [...SILENT_HEALTH, TokenHealthState.SUSPENDED];
