import { wholeNumber } from "./whole-number.js";

const MAX_PORT = 65_535;

export function portOf(text: string): number {
  return wholeNumber("port", text, 0, MAX_PORT);
}

/**
 * The port of a further server: the one that is named, or else so far behind the first one; any free one if that is free, too.
 * @throws InputError for what is no port.
 */
export function portBeside(port: number, offset: number, name: string, text: string | undefined): number {
  if (text !== undefined) return wholeNumber(name, text, 0, MAX_PORT);
  return port === 0 || port + offset > MAX_PORT ? 0 : port + offset;
}
