import { parseArgs } from "node:util";
import { wholeNumber } from "../support/whole-number.js";

/** How much is measured. */
export interface Options {
  readonly devices: number;
}

const LEAST_DEVICES = 1_000;

/** `--devices n`; the size of the judgement when left out. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({ args: [...args], options: { devices: { type: "string", default: "100000" } } });
  return { devices: wholeNumber("devices", values.devices, LEAST_DEVICES) };
}
