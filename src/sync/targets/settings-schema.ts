import { z } from "zod";
import type { Plugin } from "../../plugins/contract.js";
import { secretSettingNames } from "./split-settings.js";

/**
 * A plugin's settings as JSON Schema, good enough to draw a form: each with a title, at the worst the words of its name; with
 * its description and default where the plugin gives them; and what is never shown again marked `secret` and `writeOnly`.
 */
export function settingsSchema(plugin: Plugin): Record<string, unknown> {
  const { properties = {}, ...schema } = z.toJSONSchema(plugin.settings.strict(), { io: "input" });
  const secrets = secretSettingNames(plugin);
  const fields = Object.entries(properties).map(([name, property]) => [
    name,
    {
      title: titleOf(name),
      ...(typeof property === "object" ? property : {}),
      ...(secrets.has(name) ? { secret: true, writeOnly: true } : {}),
    },
  ]);
  return { ...schema, properties: Object.fromEntries(fields) };
}

/** `apiKey` is "Api key". */
function titleOf(name: string): string {
  const words = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[-_]+/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
