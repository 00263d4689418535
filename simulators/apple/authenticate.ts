import type { ContentToken } from "./content-token.js";
import { ServiceError } from "./errors.js";
import type { Location } from "./location.js";
import type { World } from "./world.js";

/** What the documents let a read-only token read. */
const listPaths = ["/assets", "/assignments", "/users"];

/**
 * Whose request it is, by the Authorization header: `Bearer` and the text of a token file, verbatim.
 * @throws ServiceError 9601 without a header, 9722 malformed, 9622 unknown, 9625 revoked, 9621 expired, 9647 legacy.
 */
export function authenticate(world: World, header: string | undefined): { location: Location; token: ContentToken } {
  if (header === undefined) throw new ServiceError(9601);
  const text = /^Bearer (\S+)$/.exec(header)?.[1];
  if (text === undefined) throw new ServiceError(9722);
  const found = world.findToken(text);
  if (found === undefined) throw new ServiceError(9622);
  if (found.token.revoked) throw new ServiceError(9625);
  if (found.token.expiresAt.getTime() <= Date.now()) throw new ServiceError(9621);
  if (found.token.kind === "legacy") throw new ServiceError(9647);
  return found;
}

/** @throws ServiceError 9637 for what a read-only token may not do. */
export function requirePermission(world: World, { kind }: ContentToken, method: string, path: string): void {
  if (kind !== "readOnly") return;
  const readable = world.switches.readOnlyReads === "all" || listPaths.includes(path);
  if (method !== "GET" || !readable) throw new ServiceError(9637);
}
