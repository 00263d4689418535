import type { EntityManager } from "typeorm";
import type { Role } from "../../entities/role.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import type { ApiKeyText } from "./api-key-text.js";
import { hashOf } from "./secret-hash.js";
import { requireTeamNames } from "./team-names.js";

const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._:@/-]{0,98}[\p{L}\p{N}])?$/u;

export interface NewApiKey {
  readonly name: string;
  readonly role: Role;
  /** Null: everything is seen. */
  readonly teams: readonly string[] | null;
  /** Null: it does not end by itself. */
  readonly expiresAt: Date | null;
}

/**
 * Stores a key, or rather what it takes to know it again.
 * @returns its id.
 * @throws AppError INVALID_INPUT for a name that is none, no or unusable teams, or an end that is not ahead; CONFLICT for a
 * name in use.
 */
export async function createApiKey(
  tx: EntityManager,
  core: Core,
  wanted: NewApiKey,
  key: ApiKeyText,
  actor: string,
): Promise<string> {
  const name = requireName(wanted.name);
  const teams = wanted.teams && requireTeams(wanted.teams);
  const now = core.clock.now();
  if (wanted.expiresAt !== null && wanted.expiresAt <= now) {
    throw new AppError("INVALID_INPUT", "A key ends in the future: give a later moment, or none.", {
      field: "expiresAt",
    });
  }
  const created = await row<{ id: string }>(
    tx,
    `INSERT INTO api_key (id, name, prefix, hash, role, teams, expires_at, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING id`,
    [core.clock.uuid(), name, key.prefix, hashOf(key.text), wanted.role, teams, wanted.expiresAt, now, actor],
  );
  if (created) return created.id;
  throw new AppError(
    "CONFLICT",
    `Another key is named "${name}". Choose another name, or revoke that one first; an expired one keeps its name, too.`,
    { field: "name", name },
  );
}

function requireName(name: string): string {
  const trimmed = name.trim();
  if (NAME.test(trimmed)) return trimmed;
  throw new AppError(
    "INVALID_INPUT",
    "Give the key a name of 1 to 100 letters and digits; between them may be spaces and any of . _ : @ / -",
    { field: "name" },
  );
}

function requireTeams(teams: readonly string[]): string[] {
  const names = requireTeamNames(teams);
  if (names.length > 0) return names;
  throw new AppError("INVALID_INPUT", "Name at least one team, or leave `teams` out for a key that sees everything.", {
    field: "teams",
  });
}
