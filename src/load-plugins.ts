import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "./plugins/contract.js";
import { plugins as ownPlugins } from "./plugins/index.js";

/**
 * Our plugins and those named in ALLOTMENT_PLUGINS: packages, or paths of files, whose default export is the plugin.
 * @throws Error with a sentence that names the one that cannot be loaded.
 */
export async function loadPlugins(specifiers: readonly string[]): Promise<readonly Plugin[]> {
  return [...ownPlugins, ...(await Promise.all(specifiers.map(loadPlugin)))];
}

async function loadPlugin(specifier: string): Promise<Plugin> {
  const isPath = specifier.startsWith(".") || specifier.startsWith("/");
  const address = isPath ? pathToFileURL(resolve(specifier)).href : specifier;
  let module: { default?: unknown };
  try {
    module = (await import(address)) as { default?: unknown };
  } catch (error) {
    throw new Error(`The plugin "${specifier}" of ALLOTMENT_PLUGINS cannot be loaded: ${String(error)}`, {
      cause: error,
    });
  }
  if (!isPlugin(module.default)) {
    throw new Error(
      `The default export of "${specifier}" (ALLOTMENT_PLUGINS) is no plugin: export what \`definePlugin\` returns.`,
    );
  }
  return module.default;
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "connect" in value && "contract" in value && "name" in value;
}
