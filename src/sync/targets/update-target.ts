import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { recordCheck, type TargetCheck } from "./check-target.js";
import { withLikelyDuplicates } from "./likely-duplicates.js";
import { toAppError, toPluginError } from "./plugin-failure.js";
import { requireSettings } from "./settings.js";
import { type Settings, splitSettings } from "./split-settings.js";
import { requireStoredTarget, type StoredTarget, sealSettings, storedSettings } from "./stored-target.js";
import { nameTaken, requireTargetName } from "./target-name.js";
import { trySettings } from "./try-settings.js";

/** What an admin changes of a target; what is left out stays. */
export interface TargetChanges {
  readonly name?: string;
  /** Field by field: what is left out keeps its value, so secrets need not be given again; null takes a field away. */
  readonly settings?: Settings;
}

/** A change of a target that the product itself has accepted. */
export interface PreparedTargetChange {
  readonly target: StoredTarget;
  readonly name: string;
  /** Null when the settings stay. */
  readonly change: { readonly settings: Settings; readonly secrets: string | null; readonly check: TargetCheck } | null;
}

/**
 * Checks a change of a target; new settings are tried at the product.
 * @throws AppError NOT_FOUND, INVALID_INPUT, CONFLICT, TARGET_REJECTED, TARGET_UNAVAILABLE.
 */
export async function prepareTargetChange(
  core: Core,
  targetId: string,
  changes: TargetChanges,
): Promise<PreparedTargetChange> {
  const target = await requireStoredTarget(core.dataSource, targetId);
  const name =
    changes.name === undefined ? target.name : await requireTargetName(core.dataSource, changes.name, targetId);
  if (changes.settings === undefined) return { target, name, change: null };
  return { target, name, change: await prepareSettings(core, target, changes.settings) };
}

async function prepareSettings(core: Core, target: StoredTarget, changes: Settings) {
  const plugin = core.plugins.get(target.plugin);
  if (!plugin) {
    throw new AppError("PRECONDITION_FAILED", `The plugin "${target.plugin}" is not installed: install it first.`, {
      plugin: target.plugin,
    });
  }
  const merged = { ...openSettings(core, target), ...changes };
  const given = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  const tried = await trySettings(core, plugin, target.name, requireSettings(plugin, given));
  const check = await withLikelyDuplicates(core.dataSource, target.id, tried);
  const { plain, secret } = splitSettings(plugin, given);
  return { settings: plain, secrets: sealSettings(target.id, secret, core.secrets), check };
}

function openSettings(core: Core, target: StoredTarget): Settings {
  try {
    return storedSettings(target, core.secrets);
  } catch (error) {
    throw toAppError(toPluginError(error, core.clock, core.log), core.clock, target.name);
  }
}

/**
 * Stores a prepared change. Live connections notice new settings by themselves.
 * @throws AppError CONFLICT when the settings were changed since they were read, or the name was taken.
 */
export async function updateTarget(tx: EntityManager, core: Core, prepared: PreparedTargetChange): Promise<void> {
  const { target, name, change } = prepared;
  await requireTargetName(tx, name, target.id);
  const updated = await row(
    tx,
    `UPDATE target SET name = $2, settings = $3, secrets = $4
     WHERE id = $1 AND settings = $5::jsonb AND secrets IS NOT DISTINCT FROM $6
     RETURNING id`,
    [
      target.id,
      name,
      JSON.stringify(change ? change.settings : target.settings),
      change ? change.secrets : target.secrets,
      JSON.stringify(target.settings),
      target.secrets,
    ],
  ).catch((error: unknown) => {
    throw isNameClash(error) ? nameTaken(name) : error;
  });
  if (!updated) {
    throw new AppError("CONFLICT", "The target was changed or removed meanwhile: read it again and repeat.", {
      targetId: encodeGlobalId("Target", target.id),
    });
  }
  if (change) await recordCheck(tx, core, target.id, change.check);
}

function isNameClash(error: unknown): boolean {
  return error instanceof Error && "constraint" in error && error.constraint === "target_name";
}
