import { CONTRACT_VERSION, type Plugin } from "../../plugins/contract.js";

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * The plugins by name. Called at start, so that a plugin that cannot work is refused before anything depends on it.
 * @throws Error with a sentence for the one who installs the plugin.
 */
export function registerPlugins(plugins: readonly Plugin[]): ReadonlyMap<string, Plugin> {
  const byName = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const problem = problemOf(plugin, byName);
    if (problem !== null) throw new Error(problem);
    byName.set(plugin.name, plugin);
  }
  return byName;
}

function problemOf(plugin: Plugin, known: ReadonlyMap<string, Plugin>): string | null {
  const { name } = plugin;
  if (typeof name !== "string" || !NAME.test(name)) {
    return `The plugin name "${name}" is not usable: use 1 to 40 lower-case letters, digits and hyphens, a letter first.`;
  }
  if (plugin.contract !== CONTRACT_VERSION) {
    return `The plugin "${name}" was made for contract ${plugin.contract}, and this release speaks contract ${CONTRACT_VERSION}: install a release of the plugin that fits.`;
  }
  if (plugin.licenseAuthority !== "service" && plugin.licenseAuthority !== "target") {
    return `The plugin "${name}" must declare its licenseAuthority as "service" or "target".`;
  }
  if (known.has(name)) return `Two plugins are named "${name}": remove one of them.`;
  return null;
}
