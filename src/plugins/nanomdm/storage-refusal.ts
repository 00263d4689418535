/** Why NanoMDM's storage did not queue a command; null for any other reason. */
export type StorageRefusal = "taken" | "unknown-id" | null;

/**
 * NanoMDM's API has no codes: it passes on what its storage says. That differs in language and wording, so what stays the same
 * is looked for first: MySQL's error numbers, SQLSTATE, and the names that PostgreSQL gives to the constraints of NanoMDM's
 * tables. The words are those of the key-value storage, of SQLite, and of the others in English.
 */
const TAKEN =
  /\bError 1062\b|\bSQLSTATE 23505\b|\bcommands_pkey\b|duplicate (key|entry)|already exists|unique constraint/i;
const UNKNOWN_ID = /\bError 1452\b|\bSQLSTATE 23503\b|\benrollment_queue_id_fkey\b|foreign key constraint/i;

/** @param text the `command_error` of an answer. */
export function storageRefusal(text: string): StorageRefusal {
  if (TAKEN.test(text)) return "taken";
  return UNKNOWN_ID.test(text) ? "unknown-id" : null;
}
