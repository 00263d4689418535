type Values = Record<string, unknown>;

/** Turns the switches that are named; the others stay, also within a group of them. */
export function turnSwitches(switches: object, given: object): void {
  for (const [name, value] of Object.entries(given)) {
    const present = (switches as Values)[name];
    if (isGroup(value) && isGroup(present)) turnSwitches(present, value);
    else if (value !== undefined) (switches as Values)[name] = value;
  }
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
