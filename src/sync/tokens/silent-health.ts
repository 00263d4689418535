import { TokenHealthState } from "../../entities/token.js";

/** States in which Apple answers nothing that is asked with the token. */
export const SILENT_HEALTH: readonly TokenHealthState[] = [
  TokenHealthState.EXPIRED,
  TokenHealthState.REVOKED,
  TokenHealthState.INVALID,
];
