import type { ContentToken } from "./content-token.js";
import { ServiceError } from "./errors.js";
import type { Location } from "./location.js";
import type { World } from "./world.js";

/**
 * Whose request it is, by the Authorization header: `Bearer` and the text of a token file, verbatim.
 * @throws ServiceError 9601 without a header, 9722 malformed, 9622 unknown, 9625 revoked, 9621 expired.
 */
export function authenticate(world: World, header: string | undefined): { location: Location; token: ContentToken } {
  if (header === undefined) throw new ServiceError(9601);
  const text = /^Bearer (\S+)$/.exec(header)?.[1];
  if (text === undefined) throw new ServiceError(9722);
  const found = world.findToken(text);
  if (found === undefined) throw new ServiceError(9622);
  if (found.token.revoked) throw new ServiceError(9625);
  if (found.token.expiresAt.getTime() <= Date.now()) throw new ServiceError(9621);
  return found;
}
