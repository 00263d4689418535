import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as contract from "./plugins/contract.js";
import { plugins as ownPlugins } from "./plugins/index.js";

type Plugin = contract.Plugin;

/** By which `plugin-imports.mjs` knows the packages that are named in ALLOTMENT_PLUGINS. */
const SCHEME = "allotment-plugin:";

/** Where the module that stands for `allotment/plugin` finds the contract: the very one that the service uses. */
const CONTRACT = "allotment/plugin";

/**
 * Our plugins and those named in ALLOTMENT_PLUGINS, whose default export is the plugin: paths of files, or packages that are
 * installed in the working directory or beside Allotment.
 * @throws Error with a sentence that names the one that cannot be loaded.
 */
export async function loadPlugins(specifiers: readonly string[]): Promise<readonly Plugin[]> {
  if (specifiers.length > 0) resolveImportsOfPlugins();
  return [...ownPlugins, ...(await Promise.all(specifiers.map(loadPlugin)))];
}

async function loadPlugin(specifier: string): Promise<Plugin> {
  const isPath = specifier.startsWith(".") || specifier.startsWith("/");
  const address = `${SCHEME}${isPath ? pathToFileURL(resolve(specifier)).href : specifier}`;
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

let isResolving = false;

function resolveImportsOfPlugins(): void {
  if (isResolving) return;
  isResolving = true;
  const key = JSON.stringify(CONTRACT);
  Object.assign(globalThis, { [Symbol.for(CONTRACT)]: contract });
  const text = `export const { ${Object.keys(contract).join(", ")} } = globalThis[Symbol.for(${key})];`;
  register(new URL("./plugin-imports.mjs", import.meta.url), {
    data: {
      contract: `data:text/javascript,${encodeURIComponent(text)}`,
      service: import.meta.url,
      workingDirectory: pathToFileURL(resolve("plugins")).href,
      scheme: SCHEME,
    },
  });
}
