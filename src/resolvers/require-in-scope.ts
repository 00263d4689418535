import { decodeGlobalId } from "../entities/global-id.js";
import { Token } from "../entities/token.js";
import { AppError } from "../errors.js";
import { firstHidden } from "../queries/first-hidden.js";
import { decodeNodeKey, type NodeClass, type NodeKey } from "../queries/node-key.js";
import { nodeNamed, ownScopeOf, scopeOf } from "../queries/node-scopes.js";
import type { Scoped } from "../queries/scopes.js";
import type { MutationCall } from "../schema/access.js";
import { namedIds } from "../schema/named-ids.js";

/** An object that a caller names. */
interface Named {
  readonly id: string;
  readonly type: string;
  readonly node: NodeClass;
  readonly key: NodeKey;
}

/**
 * Whether whoever asks for a mutation may name what it names. What is not there at all is the mutation's matter: it may
 * have taken it away itself, and be asked again.
 * @throws AppError NOT_FOUND for what the teams do not see; FORBIDDEN for what they see, and may not change.
 */
export async function requireInScope(scoped: Scoped, { field, rule, args }: MutationCall): Promise<void> {
  if (scoped.teams === null) return;
  const ids = field.args.flatMap(({ name, type }) => namedIds(type, args[name]));
  const named = ids.map(objectOf).filter((object) => object !== null);
  for (const [node, objects] of byClass(named)) {
    const keys = objects.map(({ key }) => key);
    const hidden = objects[(await firstHidden(scoped, node, scopeOf(node), keys)) ?? keys.length];
    if (hidden) throw noSuch(hidden);
    const shared = rule.own ? await firstHidden(scoped, node, ownScopeOf(node), keys) : null;
    const theirs = shared === null ? undefined : objects[shared];
    if (theirs) throw notTheirs(theirs);
  }
}

function byClass(named: readonly Named[]): Map<NodeClass, Named[]> {
  const groups = new Map<NodeClass, Named[]>();
  for (const object of named) groups.set(object.node, [...(groups.get(object.node) ?? []), object]);
  return groups;
}

/** What is no object of its own, and has an id all the same, belongs to a token. */
function objectOf(id: string): Named | null {
  const decoded = decodeGlobalId(id);
  if (!decoded) return null;
  const node = nodeNamed(decoded.type);
  if (!node)
    return decoded.parts.length === 2 ? { id, type: decoded.type, node: Token, key: [decoded.parts[0]] } : null;
  const key = decodeNodeKey(node, id);
  return key && { id, type: node.name, node, key };
}

function noSuch({ type, id }: Named): AppError {
  return new AppError("NOT_FOUND", `There is no ${type} with this id. Use an id that the API returned.`, { type, id });
}

function notTheirs({ type, id }: Named): AppError {
  return new AppError(
    "FORBIDDEN",
    `This ${type} is not your team's own: you see it since your apps are there. Ask an admin of this installation.`,
    { type, id },
  );
}
