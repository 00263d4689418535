import { TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import type { ExplainFacts } from "./explain-facts.js";
import { type Link, moment, sentence } from "./link.js";

/** What of its token keeps it from a licence; nothing when nothing does. */
export function explainToken(facts: ExplainFacts): Link[] {
  const { token } = facts;
  if (token.removingAt === null) return explainFreeze(facts);
  return [
    {
      cause: "TOKEN_BEING_REMOVED",
      evidence: `The token "${token.name}" is being removed since ${moment(token.removingAt)}: it claims nothing more.`,
      nextAction: "Deploy the app with another token.",
      whoHasToAct: "ADMIN",
      since: token.removingAt,
    },
  ];
}

/**
 * Whether its token may not write: then Apple is asked for nothing, no removal is told whose licence could not return, and no
 * deadline runs. A target that owns its token asks Apple itself.
 */
export function isFrozen({ token }: Pick<ExplainFacts, "token">): boolean {
  return token.authority !== TokenAuthority.TARGET && !WRITABLE_HEALTH.includes(token.health.state);
}

/** That its token may not write, and why; nothing when it may. */
export function explainFreeze(facts: ExplainFacts): Link[] {
  if (!isFrozen(facts)) return [];
  const { name, health } = facts.token;
  const { state, cause, evidence, remedy, since } = health;
  const how = evidence === null ? "" : ` (${evidence})`;
  return [
    {
      cause: "TOKEN_FROZEN",
      evidence: `The token "${name}" may not write, since it is ${state}${how}${cause === null ? "." : `: ${sentence(cause)}`}`,
      nextAction: remedy ?? "See the token's health; it goes on by itself once the token may write.",
      whoHasToAct: "ADMIN",
      since,
    },
  ];
}
