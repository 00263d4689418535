import { type Plugin, problemOfDefinition } from "../../plugins/contract.js";

/**
 * The plugins by name. Called at start, so that a plugin that cannot work is refused before anything depends on it.
 * @throws Error with a sentence for the one who installs the plugin.
 */
export function registerPlugins(plugins: readonly Plugin[]): ReadonlyMap<string, Plugin> {
  const byName = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const problem = problemOfDefinition(plugin);
    if (problem !== null) throw new Error(problem);
    if (byName.has(plugin.name)) throw new Error(`Two plugins are named "${plugin.name}": remove one of them.`);
    byName.set(plugin.name, plugin);
  }
  return byName;
}
