// @ts-check
/**
 * How imports of plugins that are not ours are resolved, which lie anywhere: `allotment/plugin` is the contract of the running
 * service, and `zod` is the service's own where the plugin brings none. Registered by `load-plugins.ts`; runs in a thread of
 * its own, so what it needs to know is handed over.
 */

/** @typedef {{ contract: string, service: string, workingDirectory: string, scheme: string }} Places */

/** @type {Places} */
let places;

/** @param {Places} given */
export function initialize(given) {
  places = given;
}

/** @type {import("node:module").ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  const from = (/** @type {string} */ name, /** @type {string} */ parentURL) =>
    nextResolve(name, { ...context, parentURL });
  if (specifier === "allotment/plugin") return { url: places.contract, format: "module", shortCircuit: true };
  if (specifier.startsWith(places.scheme)) {
    const name = specifier.slice(places.scheme.length);
    // A file that stands alone has no package.json to say that it is a module.
    if (name.startsWith("file:")) return { ...(await nextResolve(name, context)), format: "module" };
    return orElse(from(name, places.workingDirectory), () => from(name, places.service));
  }
  if (specifier !== "zod" && !specifier.startsWith("zod/")) return nextResolve(specifier, context);
  return orElse(nextResolve(specifier, context), () => from(specifier, places.service));
}

/**
 * @template T
 * @param {T | Promise<T>} first
 * @param {() => T | Promise<T>} second
 * @returns {Promise<T>}
 */
async function orElse(first, second) {
  try {
    return await first;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return second();
  }
}
