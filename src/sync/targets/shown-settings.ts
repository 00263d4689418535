import type { Target } from "../../entities/target.js";
import { AppError } from "../../errors.js";
import type { Core } from "../core.js";
import { type Settings, secretSettingNames, splitSettings } from "./split-settings.js";
import { storedSettings } from "./stored-target.js";

type Stored = Pick<Target, "id" | "name" | "plugin" | "settings" | "secrets">;

/** A target's settings as anyone may see them: what a later release of the plugin has declared secret is none of them. */
export function shownSettings(core: Core, { plugin: name, settings }: Stored): Settings {
  const plugin = core.plugins.get(name);
  return plugin ? splitSettings(plugin, settings).plain : settings;
}

/** The names of the settings that are set and not shown; of those that cannot be opened any more, none. */
export function namesOfSecrets(core: Core, target: Stored): string[] {
  const plugin = core.plugins.get(target.plugin);
  const declared = plugin ? secretSettingNames(plugin) : new Set<string>();
  const names = Object.keys(openedSettings(core, target));
  return names.filter((name) => declared.has(name) || !Object.hasOwn(target.settings, name)).sort();
}

function openedSettings(core: Core, target: Stored): Settings {
  try {
    return storedSettings(target, core.secrets);
  } catch (error) {
    if (error instanceof AppError) return target.settings;
    throw error;
  }
}
