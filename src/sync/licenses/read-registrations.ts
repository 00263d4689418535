import { AppleUserStatus } from "../../entities/apple-user.js";
import { row } from "../../queries/sql.js";
import type { AppleAccess, AppleUserRow } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { SINGLE_READS } from "./read-holders.js";

/** Apple's number for a version id it no longer knows. */
const UNKNOWN_VERSION = 9721;

type LiveRegistrations = Map<string, AppleUserRow>;

/**
 * The live registrations of these client user ids at Apple, read now, by client user id; whoever is missing has none. Many
 * are found in two complete reads of the live ones: a page that shifts must not hide any (rule 3).
 */
export async function readRegistrations(
  core: Core,
  access: AppleAccess,
  clientUserIds: readonly string[],
): Promise<LiveRegistrations> {
  const found: LiveRegistrations = new Map();
  const wanted = new Set(clientUserIds);
  if (wanted.size <= SINGLE_READS) {
    for (const clientUserId of wanted) await collect(core, access, { clientUserId, activeOnly: true }, wanted, found);
    return found;
  }
  await collect(core, access, { activeOnly: true }, wanted, found);
  await collect(core, access, { activeOnly: true }, wanted, found);
  return found;
}

/**
 * The same for registrations that were made just now: what has changed since the last synchronisation shows them, a
 * hundred on a page. Only those it does not show are asked for themselves.
 */
export async function readNewRegistrations(
  core: Core,
  access: AppleAccess,
  clientUserIds: readonly string[],
): Promise<LiveRegistrations> {
  if (clientUserIds.length <= 1) return readRegistrations(core, access, clientUserIds);
  const found = await readChanged(core, access, new Set(clientUserIds));
  const missing = clientUserIds.filter((clientUserId) => !found.has(clientUserId));
  if (missing.length === 0) return found;
  return new Map([...found, ...(await readRegistrations(core, access, missing))]);
}

async function readChanged(core: Core, access: AppleAccess, wanted: ReadonlySet<string>): Promise<LiveRegistrations> {
  const found: LiveRegistrations = new Map();
  const token = await row<{ since: string | null }>(
    core.dataSource,
    "SELECT users_version_id AS since FROM token WHERE id = $1",
    [access.tokenId],
  );
  if (!token?.since) return found;
  try {
    await collect(core, access, { sinceVersionId: token.since }, wanted, found);
  } catch (error) {
    if (!(error instanceof AppleError) || error.errorNumber !== UNKNOWN_VERSION) throw error;
  }
  return found;
}

async function collect(
  core: Core,
  access: AppleAccess,
  query: { clientUserId?: string; activeOnly?: boolean; sinceVersionId?: string },
  wanted: ReadonlySet<string>,
  found: LiveRegistrations,
): Promise<void> {
  for (let pageIndex: number | null = 0; pageIndex !== null; ) {
    const page = await core.apple.users(access, { ...query, pageIndex });
    for (const user of page.users)
      if (isLive(user) && wanted.has(user.clientUserId)) found.set(user.clientUserId, user);
    pageIndex = page.nextPageIndex;
  }
}

function isLive({ status }: AppleUserRow): boolean {
  return status === AppleUserStatus.REGISTERED || status === AppleUserStatus.ASSOCIATED;
}
