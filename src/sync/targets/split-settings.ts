import { z } from "zod";
import type { Plugin } from "../../plugins/contract.js";

export type Settings = Record<string, unknown>;

/** Settings as they are stored: what may be read by anyone who reads the database, and what may not. */
export interface SplitSettings {
  readonly plain: Settings;
  readonly secret: Settings;
}

/** Splits settings by the plugin's marks. What the schema does not know counts as secret: it may be a misspelt secret. */
export function splitSettings(plugin: Plugin, given: Settings): SplitSettings {
  const shown = plainSettingNames(plugin);
  const plain: Settings = {};
  const secret: Settings = {};
  for (const [name, value] of Object.entries(given)) {
    (shown.has(name) ? plain : secret)[name] = value;
  }
  return { plain, secret };
}

/** The settings that may be shown: nothing that the plugin does not know. */
export function plainSettingNames(plugin: Plugin): ReadonlySet<string> {
  const secrets = secretSettingNames(plugin);
  return new Set(Object.keys(plugin.settings.shape).filter((name) => !secrets.has(name)));
}

/** What was found out of a plugin, which does not change. */
const found = new WeakMap<Plugin, ReadonlySet<string>>();

/** A setting that holds a secret anywhere, before or after the plugin has changed it, is secret as a whole. */
export function secretSettingNames(plugin: Plugin): ReadonlySet<string> {
  const names = found.get(plugin) ?? findSecrets(plugin);
  found.set(plugin, names);
  return names;
}

function findSecrets({ settings }: Plugin): ReadonlySet<string> {
  const schemas = (["input", "output"] as const).map((io) => z.toJSONSchema(settings, { unrepresentable: "any", io }));
  const names = Object.keys(settings.shape);
  return new Set(names.filter((name) => schemas.some((schema) => holdsSecret(schema.properties?.[name], schema))));
}

function holdsSecret(part: unknown, whole: z.core.JSONSchema.BaseSchema, seen = new Set<unknown>()): boolean {
  if (typeof part !== "object" || part === null || seen.has(part)) return false;
  seen.add(part);
  if ("secret" in part && part.secret === true) return true;
  const named =
    "$ref" in part && typeof part.$ref === "string" ? whole.$defs?.[part.$ref.split("/").at(-1) ?? ""] : null;
  return [...Object.values(part), named].some((inner) => holdsSecret(inner, whole, seen));
}
