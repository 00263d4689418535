/** A listing may always take away this many. */
const FREE_LOSS = 20;
/** And of more than that, this part. */
const FREE_PART = 0.2;

/** Whether a listing would take away so much that it may be mistaken (rule 6): more than 20 and more than 20 %. */
export function losesTooMuch(lost: number, before: number): boolean {
  return lost > FREE_LOSS && lost > before * FREE_PART;
}
