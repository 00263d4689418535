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
  const { properties = {} } = z.toJSONSchema(plugin.settings, { unrepresentable: "any", io: "input" });
  return Object.entries(properties).flatMap(([name, property]) => (marksSecret(property) ? [name] : []));
}

function marksSecret(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if ("secret" in schema && schema.secret === true) return true;
  return Object.values(schema).some(marksSecret);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
