import { ServiceError } from "./errors.js";

/** @throws ServiceError 9602 for anything but `true` and `false`. */
export function booleanValue(query: URLSearchParams, name: string): boolean | undefined {
  return oneOf(query, name, ["true", "false"]) === undefined ? undefined : query.get(name) === "true";
}

/** @throws ServiceError 9602 for anything but a whole number. */
export function integerValue(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw new ServiceError(9602);
  return Number(text);
}

/** @throws ServiceError 9602 for anything that is not allowed. */
export function oneOf(query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!allowed.includes(text)) throw new ServiceError(9602);
  return text;
}

export function textValue(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}
