import type { ProcessFacts } from "../queries/fast-path/process-facts.js";
import type { Core } from "../sync/core.js";
import { describePlugin } from "../sync/targets/describe-plugin.js";
import { plainSettingNames } from "../sync/targets/split-settings.js";
import { nextTick, UNREAD } from "../sync/tokens/next-sync-at.js";
import { SILENT_HEALTH } from "../sync/tokens/silent-health.js";
import { SPREAD_FROM, SPREAD_MS } from "../sync/tokens/slot-delay.js";

/** What statements have to be told that stands in no table. */
export function processFacts({ clock, plugins, policy }: Core): ProcessFacts {
  return {
    now: () => clock.now(),
    scaled: (durationMs) => clock.scaled(durationMs),
    publicUrl: policy.publicUrl?.replace(/\/$/, "") ?? null,
    plugins: [...plugins.values()].map((plugin) => ({
      ...describePlugin(plugin),
      plainSettings: [...plainSettingNames(plugin)],
    })),
    schedule: {
      nextTick: () => nextTick(policy.syncCron),
      unread: UNREAD,
      silent: SILENT_HEALTH,
      spreadMs: clock.scaled(SPREAD_MS),
      spreadFrom: SPREAD_FROM,
    },
  };
}
