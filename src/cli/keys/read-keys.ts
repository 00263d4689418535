import type { Api } from "../api/connect-api.js";
import { type Page, type PageWish, readPages } from "../api/read-pages.js";

/** What is known of a key; the key itself is not. */
export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: string;
  readonly teams: readonly string[] | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

const KEYS = `query ($first: Int!, $after: String, $filter: ApiKeyFilter) { apiKeys(first: $first, after: $after, filter: $filter) {
  nodes { id name prefix role teams createdBy createdAt expiresAt lastUsedAt revokedAt }
  pageInfo { hasNextPage endCursor } } }`;

/** @param revoked whether those that were revoked are wanted, too */
export async function readKeys(api: Api, revoked: boolean): Promise<readonly ListedKey[]> {
  const filter = revoked ? null : { revoked: false };
  const read = async (wish: PageWish) =>
    (await api.ask<{ apiKeys: Page<ListedKey> }>(KEYS, { ...wish, filter })).apiKeys;
  const keys: ListedKey[] = [];
  for await (const { nodes } of readPages<ListedKey, Page<ListedKey>>(read)) keys.push(...nodes);
  return keys;
}
