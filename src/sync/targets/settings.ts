import { z } from "zod";
import { AppError } from "../../errors.js";
import type { Plugin } from "../../plugins/contract.js";

export type Settings = Record<string, unknown>;

/** Settings as they are stored: what may be read by anyone who reads the database, and what may not. */
export interface SplitSettings {
  readonly plain: Settings;
  readonly secret: Settings;
}

/** What a plugin makes of settings that an admin has given or that were stored. */
export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** Sentences with the path of the field, and without any secret value. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks settings with the plugin's own schema. Unknown fields are problems: a misspelt one must not be ignored. */
export function parseSettings(plugin: Plugin, given: Settings): ParsedSettings {
  const parsed = plugin.settings.strict().safeParse(given);
  if (parsed.success) return { ok: true, settings: parsed.data };
  const secrets = textsIn(splitSettings(plugin, given).secret);
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return redact(path ? `${path}: ${issue.message}` : issue.message, secrets);
  });
  return { ok: false, problems };
}

/**
 * The same for what an admin has given.
 * @throws AppError INVALID_INPUT with `details.problems`.
 */
export function requireSettings(plugin: Plugin, given: Settings): Settings {
  const parsed = parseSettings(plugin, given);
  if (parsed.ok) return parsed.settings;
  throw new AppError(
    "INVALID_INPUT",
    `The settings do not fit the plugin "${plugin.name}": ${parsed.problems.join("; ")}.`,
    { plugin: plugin.name, problems: parsed.problems },
  );
}

/** Splits settings by the plugin's marks. What the schema does not know counts as secret: it may be a misspelt secret. */
export function splitSettings(plugin: Plugin, given: Settings): SplitSettings {
  const plainNames = plainSettingNames(plugin);
  const plain: Settings = {};
  const secret: Settings = {};
  for (const [name, value] of Object.entries(given)) (plainNames.has(name) ? plain : secret)[name] = value;
  return { plain, secret };
}

/** A setting that holds a secret anywhere inside is secret as a whole. */
function plainSettingNames(plugin: Plugin): ReadonlySet<string> {
  const schema = z.toJSONSchema(plugin.settings, { unrepresentable: "any", io: "input" });
  const properties = Object.entries(schema.properties ?? {});
  return new Set(properties.filter(([, property]) => !marksSecret(property)).map(([name]) => name));
}

function marksSecret(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if ("secret" in schema && schema.secret === true) return true;
  return Object.values(schema).some(marksSecret);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value ? [value] : [];
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function redact(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, value) => text.replaceAll(value, "(hidden)"), message);
}
