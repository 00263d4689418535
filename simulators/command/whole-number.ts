import { InputError } from "../input-error.js";

/**
 * The number of an option.
 * @throws InputError for what is no whole number within the bounds, both included.
 */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InputError(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}
