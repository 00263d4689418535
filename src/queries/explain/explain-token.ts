import { TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import type { ExplainFacts } from "./explain-facts.js";
import { type Link, moment, sentence } from "./link.js";

/** What of its token keeps Apple from being asked; nothing when nothing does. */
export function explainToken({ token }: ExplainFacts): Link[] {
  if (token.removingAt !== null) {
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
  const { state, cause, evidence, remedy, since } = token.health;
  if (token.authority === TokenAuthority.TARGET || WRITABLE_HEALTH.includes(state)) return [];
  const how = evidence === null ? "" : ` (${evidence})`;
  return [
    {
      cause: "TOKEN_FROZEN",
      evidence: `The token "${token.name}" may not write, since it is ${state}${how}${cause === null ? "." : `: ${sentence(cause)}`}`,
      nextAction: remedy ?? "See the token's health; it goes on by itself once the token may write.",
      whoHasToAct: "ADMIN",
      since,
    },
  ];
}
