/** This operation has no single statement, and is left to the ordinary execution. */
export class Unserved extends Error {
  override readonly name = "Unserved";

  /** @param what it asks for, as a sentence's subject. */
  constructor(readonly what: string) {
    super(`No statement answers ${what}`);
  }
}
