import { z } from "zod";
import { loadPlugins } from "../../src/load-plugins.js";
import { type Plugin, PluginError } from "../../src/plugins/contract.js";

/** What came of loading one plugin in a process that is not a test's, whose imports vitest does not resolve. */
export interface LoadedPlugin {
  /** Of all plugins, ours first; null when it was refused. */
  readonly names: readonly string[] | null;
  /** Its settings are made with the service's zod. */
  readonly hasOurZod: boolean;
  /** What its `connect` throws is made by the service's own contract. */
  readonly throwsOurError: boolean;
  readonly refusal: string | null;
}

/** Loads each plugin that is named on the command line, and prints what came of it. */
const loaded: LoadedPlugin[] = [];
for (const specifier of process.argv.slice(2)) loaded.push(await load(specifier));
console.log(JSON.stringify(loaded));

async function load(specifier: string): Promise<LoadedPlugin> {
  try {
    const plugins = await loadPlugins([specifier]);
    const plugin = [...plugins.values()].at(-1);
    return {
      names: [...plugins.keys()],
      hasOurZod: plugin?.settings instanceof z.ZodObject,
      throwsOurError: plugin ? await throwsOurError(plugin) : false,
      refusal: null,
    };
  } catch (error) {
    return {
      names: null,
      hasOurZod: false,
      throwsOurError: false,
      refusal: error instanceof Error ? error.message : "",
    };
  }
}

async function throwsOurError(plugin: Plugin): Promise<boolean> {
  try {
    await plugin.connect({}, {} as never);
    return false;
  } catch (error) {
    return Object.getPrototypeOf(error) === PluginError.prototype;
  }
}
