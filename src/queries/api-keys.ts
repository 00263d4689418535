import type { DataSource } from "typeorm";
import type { Role } from "../entities/role.js";
import { rows } from "./sql.js";

/** What it takes to know a key again, and what its holder may. */
export interface StoredApiKey {
  readonly prefix: string;
  readonly hash: Uint8Array;
  readonly name: string;
  readonly role: Role;
  readonly teams: readonly string[] | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** The keys that begin so, in no order; those that there are. */
export function readApiKeys(db: DataSource, prefixes: readonly string[]): Promise<StoredApiKey[]> {
  return rows<StoredApiKey>(
    db,
    `SELECT prefix, hash, name, role, teams, expires_at AS "expiresAt", revoked_at AS "revokedAt"
     FROM api_key WHERE prefix = ANY($1)`,
    [prefixes],
  );
}
