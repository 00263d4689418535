import type { Api } from "../api/connect-api.js";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import { readKeys } from "./read-keys.js";

const REVOKE = "mutation ($apiKey: ID!) { revokeApiKey(input: { apiKey: $apiKey }) { apiKey { name } } }";

/** Names are unique among keys that were not revoked. @throws CommandError when there is no such key. */
export async function revokeKey(api: Api, meant: string): Promise<void> {
  const key = (await readKeys(api, false)).find(({ id, name }) => id === meant || name === meant);
  if (!key) {
    throw new CommandError(`There is no key "${meant}" that could be revoked: see "allotment keys list".`, EXIT.USAGE);
  }
  await api.ask(REVOKE, { apiKey: key.id });
  console.log(`"${key.name}" is revoked.`);
}
