/** With this begins what each of them says. */
const MARK = "Waited in vain";

/** The history did not come to rest. */
export class RestlessError extends Error {
  override readonly name = "RestlessError";

  /** @param complaint what did not happen, and what was seen instead. */
  constructor(complaint: string) {
    super(`${MARK}: ${complaint}`);
  }
}

/** Whether a fault says no more than that time was over, which a busy machine may be to blame for. */
export function isRestless(fault: string): boolean {
  return fault.startsWith(MARK);
}
