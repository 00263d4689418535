import { build, type PlistValue, parse } from "plist";
import { PluginError } from "../contract.js";

/** An XML property list. */
export function writePropertyList(value: PlistValue): string {
  return build(value, { pretty: false });
}

/**
 * Reads an XML property list that came from outside. Entities are never declared in what devices send, so a document that
 * declares some is refused before it is parsed.
 * @throws PluginError `internal` for what is no property list.
 */
export function readPropertyList(bytes: Uint8Array): PlistValue {
  const text = new TextDecoder().decode(bytes);
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/i.test(text)) {
    throw new PluginError("internal", "The property list declares entities, which no device does.");
  }
  if (!/^\s*</.test(text)) throw new PluginError("internal", "The payload is no XML property list.");
  try {
    return parse(text);
  } catch (cause) {
    throw new PluginError("internal", "The property list cannot be read.", { cause });
  }
}
