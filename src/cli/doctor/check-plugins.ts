import { type Config, ConfigError } from "../../config.js";
import { errorSentence } from "../../error-sentence.js";
import { loadPlugins } from "../../load-plugins.js";
import { type Finding, failure } from "./finding.js";

/** Files of this machine are read sooner, however slow it is. */
const LOAD_MS = 20_000;
const REMEDY = "Install it beside Allotment, or correct ALLOTMENT_PLUGINS; its own README says what it needs.";

/** The names of the plugins that can be used, and what is wrong with the others. */
export async function checkPlugins({
  plugins,
  timeScale,
}: Config): Promise<{ names: ReadonlySet<string>; findings: Finding[] }> {
  try {
    return { names: new Set((await within(LOAD_MS / timeScale, loadPlugins(plugins))).keys()), findings: [] };
  } catch (error) {
    const own = await loadPlugins([]);
    return { names: new Set(own.keys()), findings: [failure("plugins", problemsOf(error), REMEDY)] };
  }
}

/** A plugin may wait for what never comes while it is loaded. */
async function within<Loaded>(milliseconds: number, loading: Promise<Loaded>): Promise<Loaded> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const problem = "A plugin of ALLOTMENT_PLUGINS does not finish loading: it waits for something at its top level.";
    timer = setTimeout(() => reject(new ConfigError([problem])), milliseconds);
  });
  return Promise.race([loading, late]).finally(() => clearTimeout(timer));
}

/** A plugin is named in full, however long its path. */
function problemsOf(error: unknown): string {
  return error instanceof ConfigError ? error.problems.join("; ") : errorSentence(error);
}
