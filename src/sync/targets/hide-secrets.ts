import type { Plugin } from "../../plugins/contract.js";
import { type Settings, splitSettings } from "./split-settings.js";

/** Takes secrets out of a text that somebody else has worded. */
export type Hide = (text: string) => string;

export const hideNothing: Hide = (text) => text;

/** Shorter ones are part of other words. */
const SHORTEST = 3;

/** A line of a key that is quoted alone. */
const SHORTEST_LINE = 16;

/** @returns what hides the secret settings of one target, in each form in which they are sent. */
export function hideSecrets(plugin: Plugin, settings: Settings): Hide {
  const secrets = textsIn(splitSettings(plugin, settings).secret).filter((text) => text.length >= SHORTEST);
  const lines = secrets.flatMap((text) => text.split("\n").filter((line) => line.length >= SHORTEST_LINE));
  const forms = [...secrets, ...lines].flatMap((text) => [
    text,
    encodeURIComponent(Buffer.from(text).toString()),
    new URLSearchParams({ "": text }).toString().slice(1),
    ...base64Forms(text),
    JSON.stringify(text).slice(1, -1),
  ]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((left, form) => left.replaceAll(form, "(hidden)"), text);
}

/** As it is written alone, and amid others, as in Basic authentication: without the ends that depend on its neighbours. */
function base64Forms(text: string): string[] {
  const amid = [0, 1, 2].map((before) => inBase64("-".repeat(before) + text).slice(Math.ceil((before * 4) / 3), -1));
  const forms = [inBase64(text), ...amid].filter((form) => form.length > SHORTEST);
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

function inBase64(text: string): string {
  return Buffer.from(text).toString("base64").replace(/=+$/, "");
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "bigint") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
