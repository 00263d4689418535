import type { EntityManager } from "typeorm";
import { LicenseAuthority } from "../../entities/target.js";
import { AppError } from "../../errors.js";
import type { Plugin, TargetToken } from "../../plugins/contract.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { checkColumns, type TargetCheck } from "./check-target.js";
import { withLikelyDuplicates } from "./likely-duplicates.js";
import { lockLocations } from "./lock-locations.js";
import { recordTargetTokens } from "./record-target-tokens.js";
import { requireSettings } from "./settings.js";
import { type Settings, splitSettings } from "./split-settings.js";
import { sealSettings } from "./stored-target.js";
import { nameTaken, requireTargetName } from "./target-name.js";
import { trySettings } from "./try-settings.js";
import { warnOfApns } from "./warn-of-apns.js";

/** A target that the product itself has accepted, ready to be stored. */
export interface PreparedTarget {
  readonly id: string;
  readonly plugin: string;
  readonly name: string;
  readonly licenseAuthority: LicenseAuthority;
  readonly settings: Settings;
  readonly secrets: string | null;
  readonly check: TargetCheck;
  /** Whose it is to be. */
  readonly teams: readonly string[];
}

/**
 * Checks everything about a new target that can be checked, the product included.
 * @throws AppError NOT_FOUND for an unknown plugin, INVALID_INPUT, CONFLICT for a name in use, PRECONDITION_FAILED
 * without PUBLIC_URL where the plugin needs it, TARGET_REJECTED, TARGET_UNAVAILABLE.
 */
export async function prepareTarget(
  core: Core,
  input: { plugin: string; name: string; settings: Settings; teams?: readonly string[] },
): Promise<PreparedTarget> {
  const plugin = requirePlugin(core, input.plugin);
  const name = await requireTargetName(core.dataSource, input.name, null);
  requirePublicUrl(core, plugin);
  const tried = await trySettings(core, plugin, name, requireSettings(plugin, input.settings));
  const check = await withLikelyDuplicates(core.dataSource, null, tried);
  const id = core.clock.uuid();
  const { plain, secret } = splitSettings(plugin, input.settings);
  return {
    id,
    plugin: plugin.name,
    name,
    licenseAuthority: plugin.licenseAuthority === "target" ? LicenseAuthority.TARGET : LicenseAuthority.SERVICE,
    settings: plain,
    secrets: sealSettings(id, secret, core.secrets),
    check,
    teams: input.teams ?? [],
  };
}

/**
 * Stores a prepared target with what its check found, and mirrors the tokens that the product owns.
 * @returns the target's id.
 * @throws AppError CONFLICT for a name in use, or when a token here already works one of the product's locations.
 */
export async function addTarget(tx: EntityManager, core: Core, prepared: PreparedTarget): Promise<string> {
  await lockLocations(tx);
  await refuseSecondWriter(tx, prepared, prepared.check.tokens ?? []);
  const now = core.clock.now();
  const columns = checkColumns(prepared.check);
  const added = await row(
    tx,
    `INSERT INTO target (id, plugin, name, license_authority, settings, secrets, apns_state, apns_expires_at, findings,
                         checked_at, added_at, teams)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
     ON CONFLICT (name) DO NOTHING RETURNING id`,
    [
      prepared.id,
      prepared.plugin,
      prepared.name,
      prepared.licenseAuthority,
      JSON.stringify(prepared.settings),
      prepared.secrets,
      columns.apnsState,
      columns.apnsExpiresAt,
      columns.findings,
      now,
      prepared.teams,
    ],
  );
  if (!added) throw nameTaken(prepared.name);
  await warnOfApns(tx, core, [prepared.id]);
  await recordTargetTokens(tx, core, prepared, prepared.check.tokens ?? []);
  return prepared.id;
}

function requirePlugin(core: Core, name: string): Plugin {
  const plugin = core.plugins.get(name);
  if (plugin) return plugin;
  const known = [...core.plugins.keys()].sort();
  throw new AppError("NOT_FOUND", `There is no plugin "${name}". Known are: ${known.join(", ") || "none"}.`, {
    plugin: name,
    known,
  });
}

function requirePublicUrl(core: Core, plugin: Plugin): void {
  if (!plugin.needsPublicUrl || core.policy.publicUrl !== null) return;
  throw new AppError(
    "PRECONDITION_FAILED",
    `${plugin.displayName} reports by calling Allotment, which has no public address: set PUBLIC_URL and start again.`,
    { plugin: plugin.name, variable: "PUBLIC_URL" },
  );
}

/** Two writers of one Apple location take licences from each other. */
async function refuseSecondWriter(
  tx: EntityManager,
  prepared: PreparedTarget,
  tokens: readonly TargetToken[],
): Promise<void> {
  const byLocation = new Map(tokens.flatMap((token) => (token.locationId ? [[token.locationId, token.name]] : [])));
  const clashes = await rows<{ name: string; location_id: string }>(
    tx,
    "SELECT name, location_id FROM token WHERE location_id = ANY($1) ORDER BY name",
    [[...byLocation.keys()]],
  );
  const [clash] = clashes;
  if (!clash) return;
  const theirs = byLocation.get(clash.location_id) ?? "";
  throw new AppError(
    "CONFLICT",
    `The token "${theirs}" of "${prepared.name}" and the token "${clash.name}" here belong to one Apple location, which ` +
      "may have one writer only: remove one of the two first.",
    { targetToken: theirs, token: clash.name, locationId: clash.location_id },
  );
}
