import type { Api } from "../api/connect-api.js";

/** What a key is to be. */
export interface KeyWish {
  readonly name: string;
  readonly role: string;
  /** Null for everything. */
  readonly teams: readonly string[] | null;
  /** Null for never. */
  readonly expiresAt: string | null;
}

const MAKE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { key apiKey { name role teams expiresAt } } }`;

interface Made {
  readonly key: string;
  readonly apiKey: KeyWish;
}

/** Prints the key alone, and beside it, on standard error, what it opens. */
export async function makeKey(api: Api, wish: KeyWish): Promise<void> {
  const { key, apiKey } = (await api.ask<{ createApiKey: Made }>(MAKE, { input: wish })).createApiKey;
  console.log(key);
  const { name, role, teams, expiresAt } = apiKey;
  const whose = teams === null ? "of all teams" : `of ${teams.join(", ")}`;
  console.error(
    `"${name}" is ${role} ${whose}, ${expiresAt === null ? "for ever" : `until ${expiresAt}`}. It is not shown again.`,
  );
}
