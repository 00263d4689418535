import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import type { Api } from "./connect-api.js";
import { type Page, type PageWish, readPages } from "./read-pages.js";

export interface ListedToken {
  readonly id: string;
  readonly name: string;
}

const TOKENS = `query ($first: Int!, $after: String) {
  tokens(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }`;

/** All tokens that the key sees, by name. */
export async function listTokens(api: Api): Promise<readonly ListedToken[]> {
  const tokens: ListedToken[] = [];
  const read = async (wish: PageWish) => (await api.ask<{ tokens: Page<ListedToken> }>(TOKENS, { ...wish })).tokens;
  for await (const { nodes } of readPages<ListedToken, Page<ListedToken>>(read)) tokens.push(...nodes);
  return tokens;
}

/**
 * The one token that a person means by its id or its whole name, in whatever case.
 * @throws CommandError when there is none, or more than one of that name.
 */
export function findToken(tokens: readonly ListedToken[], meant: string): ListedToken {
  const byId = tokens.find(({ id }) => id === meant);
  if (byId) return byId;
  const [first, ...others] = tokens.filter(({ name }) => name.toLowerCase() === meant.toLowerCase());
  if (!first) throw new CommandError(`There is no token "${meant}". ${known(tokens)}`, EXIT.USAGE);
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ id }) => id).join(", ");
  throw new CommandError(`Several tokens are called "${meant}": give the id of one, out of ${ids}.`, EXIT.USAGE);
}

const SHOWN = 10;

function known(tokens: readonly ListedToken[]): string {
  if (tokens.length === 0) return "There are none yet: add one with addToken.";
  const more = tokens.length > SHOWN ? `, and ${tokens.length - SHOWN} more` : "";
  return `There are: ${tokens
    .slice(0, SHOWN)
    .map(({ name }) => `"${name}"`)
    .join(", ")}${more}.`;
}
