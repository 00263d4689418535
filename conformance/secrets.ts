import { z } from "zod";
import type { Plugin } from "../src/plugins/contract.js";
import type { Settings } from "./scene.js";

/** Shorter ones are found in any text. */
const SHORTEST = 6;

/** The texts of these settings that the plugin marks as secret. */
export function secretsIn(plugin: Plugin, settings: Settings): string[] {
  return secretNames(plugin)
    .flatMap((name) => textsIn(settings[name]))
    .filter((text) => text.length >= SHORTEST);
}

/** The same settings with every secret a wrong one; null when there is none. */
export function withWrongSecrets(plugin: Plugin, settings: Settings): Settings | null {
  const names = secretNames(plugin).filter((name) => textsIn(settings[name]).length > 0);
  if (names.length === 0) return null;
  return { ...settings, ...Object.fromEntries(names.map((name) => [name, wrong(settings[name])])) };
}

function wrong(value: unknown): unknown {
  if (typeof value === "string") return `wrong-${[...value].reverse().join("")}`;
  if (Array.isArray(value)) return value.map(wrong);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, wrong(inner)]));
}

function secretNames(plugin: Plugin): string[] {
  // A part with an id of its own stands under `$defs`.
  const { properties = {}, $defs } = z.toJSONSchema(plugin.settings, { unrepresentable: "any", io: "input" });
  return Object.keys(properties).filter((name) => marksSecret(properties[name], $defs ?? {}));
}

function marksSecret(schema: unknown, defs: Readonly<Record<string, unknown>>, seen = new Set<unknown>()): boolean {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return false;
  seen.add(schema);
  if ("secret" in schema && schema.secret === true) return true;
  const named = "$ref" in schema && typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  return [...Object.values(schema), defs[named ?? ""]].some((part) => marksSecret(part, defs, seen));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
