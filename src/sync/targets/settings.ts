import { AppError } from "../../errors.js";
import type { Plugin } from "../../plugins/contract.js";
import { hideSecrets } from "./hide-secrets.js";
import type { Settings } from "./split-settings.js";

/** What a plugin makes of settings that an admin has given or that were stored. */
export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** Sentences with the path of the field, and without any secret value. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks settings with the plugin's own schema. Unknown fields are problems: a misspelt one must not be ignored. */
export function parseSettings(plugin: Plugin, given: Settings): ParsedSettings {
  const parsed = plugin.settings.strict().safeParse(given);
  if (parsed.success) return { ok: true, settings: parsed.data };
  const hide = hideSecrets(plugin, given);
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return hide(path ? `${path}: ${issue.message}` : issue.message);
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
