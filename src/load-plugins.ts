import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "./config.js";
import * as contract from "./plugins/contract.js";
import { plugins as ownPlugins } from "./plugins/index.js";
import { registerPlugins } from "./sync/targets/register-plugins.js";

type Plugin = contract.Plugin;

/** By which `plugin-imports.mjs` knows the packages that are named in ALLOTMENT_PLUGINS. */
const SCHEME = "allotment-plugin:";

/** Where the module that stands for `allotment/plugin` finds the contract: the very one that the service uses. */
const CONTRACT = "allotment/plugin";

/**
 * Our plugins, those named in ALLOTMENT_PLUGINS, whose default export is the plugin (paths of files, or packages that are installed in
 * the working directory or beside Allotment), and others. By name.
 * @throws ConfigError that names each one that cannot be loaded, or the one that cannot be used.
 */
export async function loadPlugins(
  specifiers: readonly string[],
  others: readonly Plugin[] = [],
): Promise<ReadonlyMap<string, Plugin>> {
  if (specifiers.length > 0) resolveImportsOfPlugins();
  const loaded = await Promise.allSettled(specifiers.map(loadPlugin));
  const problems = loaded.flatMap((one) => (one.status === "rejected" ? sentenceOf(one.reason) : []));
  if (problems.length > 0) throw new ConfigError(problems);
  const outside = loaded.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  try {
    return registerPlugins([...ownPlugins, ...outside, ...others]);
  } catch (error) {
    throw new ConfigError([sentenceOf(error)]);
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function loadPlugin(specifier: string): Promise<Plugin> {
  const isPath = specifier.startsWith(".") || specifier.startsWith("/");
  const file = isPath ? resolve(specifier) : null;
  const address = `${SCHEME}${file === null ? specifier : pathToFileURL(file).href}`;
  let module: { default?: unknown };
  try {
    module = (await import(address)) as { default?: unknown };
  } catch (error) {
    // Of a module that cannot be parsed Node does not tell the place.
    const hint = file !== null && error instanceof SyntaxError ? ` (\`node --check ${file}\` shows where)` : "";
    throw new Error(`The plugin "${specifier}" of ALLOTMENT_PLUGINS cannot be loaded: ${String(error)}${hint}`, {
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
