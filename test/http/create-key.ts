import { randomUUID } from "node:crypto";
import type { Role } from "../../src/entities/role.js";
import type { TestApi } from "./start-api.js";

export interface NewKey {
  readonly role: `${Role}`;
  readonly name?: string;
  readonly teams?: readonly string[];
  readonly expiresAt?: Date;
}

export interface CreatedKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly key: string;
  /** What a request sends. */
  readonly headers: Record<string, string>;
}

const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id name prefix } } }`;

/** A key that the API itself has made. */
export async function createKey(
  api: Pick<TestApi, "ask">,
  { name = `key ${randomUUID()}`, ...own }: NewKey,
): Promise<CreatedKey> {
  const { data, errors } = await api.ask(CREATE, { input: { name, ...own } });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const { key, apiKey } = (data as { createApiKey: { key: string; apiKey: CreatedKey } }).createApiKey;
  return { ...apiKey, key, headers: { authorization: `Bearer ${key}` } };
}
