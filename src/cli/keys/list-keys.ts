import type { Api } from "../api/connect-api.js";
import { PlainTable } from "../plain-table.js";
import { type ListedKey, readKeys } from "./read-keys.js";

const HEAD = ["Name", "begins with", "role", "teams", "last used", "ends"];

/** Prints the keys, for people or as JSON. */
export async function listKeys(
  api: Api,
  { all = false, json = false }: { all?: boolean; json?: boolean },
): Promise<void> {
  const keys = await readKeys(api, all);
  if (json) console.log(JSON.stringify(keys, null, 2));
  else if (keys.length === 0) console.log('There are none: make one with "allotment keys make".');
  else console.log(new PlainTable(HEAD).lines(keys.map(cells)));
}

function cells({ name, prefix, role, teams, lastUsedAt, expiresAt, revokedAt }: ListedKey): string[] {
  const ends = revokedAt === null ? (expiresAt ?? "never") : `revoked ${revokedAt}`;
  return [name, prefix, role, teams?.join(", ") ?? "all", lastUsedAt ?? "never", ends];
}
