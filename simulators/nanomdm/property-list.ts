import { build, type PlistValue, parse } from "plist";

export type Dictionary = { [key: string]: PlistValue };

export function writePlist(value: Dictionary): Buffer {
  return Buffer.from(build(value, { pretty: false }), "utf8");
}

/** @throws Error for what is no dictionary. */
export function readPlist(text: string): Dictionary {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) {
    throw new Error("plist: no dictionary");
  }
  return value as Dictionary;
}
