import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { SecretBox, SecretPlace } from "../core.js";
import type { Settings } from "./split-settings.js";

/** What is stored of a target's configuration. */
export interface StoredTarget {
  readonly id: string;
  readonly name: string;
  readonly plugin: string;
  readonly settings: Settings;
  /** Sealed; null when the plugin has no secret settings. */
  readonly secrets: string | null;
}

export async function readStoredTarget(db: Reader, targetId: string): Promise<StoredTarget | null> {
  return row<StoredTarget>(db, "SELECT id, name, plugin, settings, secrets FROM target WHERE id = $1", [targetId]);
}

/** The same. @throws AppError NOT_FOUND. */
export async function requireStoredTarget(db: Reader, targetId: string): Promise<StoredTarget> {
  const target = await readStoredTarget(db, targetId);
  if (target) return target;
  throw noSuchTarget(targetId);
}

export function noSuchTarget(targetId: string): AppError {
  return new AppError("NOT_FOUND", "There is no such target. Use an id that the API returned.", {
    targetId: encodeGlobalId("Target", targetId),
  });
}

/** Where a target's secret settings are stored. */
function secretPlace(targetId: string): SecretPlace {
  return { table: "target", column: "secrets", row: targetId };
}

/** Plain and secret settings together, as the admin gave them. */
export function storedSettings(target: StoredTarget, secrets: SecretBox): Settings {
  if (target.secrets === null) return target.settings;
  return { ...target.settings, ...JSON.parse(secrets.open(target.secrets, secretPlace(target.id))) };
}

/** The secret settings as they are stored; null when there are none. */
export function sealSettings(targetId: string, secret: Settings, secrets: SecretBox): string | null {
  if (Object.keys(secret).length === 0) return null;
  return secrets.seal(JSON.stringify(secret), secretPlace(targetId));
}
