import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import type { GraphQLError, ValidationContext, ValidationRule } from "graphql";
import type { Limits } from "./limits.js";
import { overLimit, toRequestError } from "./over-limit.js";

const ADVICE = {
  depth: "This operation nests too deeply. Ask for less at once, and for the rest by the ids in the answer.",
  aliases: "This operation has too many aliases. Ask for many objects by a list, or by `nodes(ids:)`.",
  directives: "This operation has too many directives. Leave some out, or send several operations.",
} as const;

/** So many faults of a document are told of; who sends more gets no answer as long as the request. */
export const MOST_FAULTS = 5;

/** The rules of validation that hold a document's shape within the limits, whatever it is sent through. */
export function documentRules(limits: Limits): ValidationRule[] {
  const rules = [
    // Fragments count as what they stand for.
    maxDepthRule({ n: limits.depth, flattenFragments: true, ...reporting("depth", limits) }),
    maxAliasesRule({ n: limits.aliases, allowList: [], ...reporting("aliases", limits) }),
    maxDirectivesRule({ n: limits.directives, ...reporting("directives", limits) }),
  ];
  // Visitors all of them, though their types do not say so.
  return rules as unknown as ValidationRule[];
}

/** By default they throw an error of their own out of the validation. */
function reporting(kind: keyof typeof ADVICE, limits: Limits) {
  return {
    propagateOnRejection: false,
    exposeLimits: true,
    onReject: [
      (context: ValidationContext | null, found: GraphQLError) =>
        context?.reportError(toRequestError(overLimit(kind, limits[kind], numberFound(found), ADVICE[kind]))),
    ],
  };
}

/** The library tells the number in its message alone. */
function numberFound({ message }: GraphQLError): number | null {
  const [, found] = /found (\d+)/.exec(message) ?? [];
  return found === undefined ? null : Number(found);
}
