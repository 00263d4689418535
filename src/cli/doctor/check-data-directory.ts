import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, failure, ok, skipped, warning } from "./finding.js";

const CHECK = "data directory";

/** What only the service's account may read. */
const PRIVATE_FILES = ["encryption-key", "admin-api-key", "postgres-password", "epoch.json"];
const OTHERS_MAY = 0o077;

/** Whether the service can keep its epoch and its generated keys, and nobody else can read them. */
export async function checkDataDirectory(directory: string): Promise<Finding> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => error);
  if (names instanceof Error) {
    if (names.code === "ENOENT") return skipped(CHECK, `${directory} is not there yet: the service makes it.`);
    return failure(
      CHECK,
      `${directory} cannot be read (${names.code}).`,
      "Run this as the account that the service runs as, or set ALLOTMENT_DATA_DIR.",
    );
  }
  try {
    await access(directory, constants.W_OK);
  } catch {
    return failure(
      CHECK,
      `${directory} cannot be written to.`,
      "Give it to the service's account: without it a restored backup is noticed late, and generated keys cannot be kept.",
    );
  }
  const open = await openToOthers(directory, names);
  if (open.length === 0) return ok(CHECK, `${directory} can be written to, and its secrets are read by nobody else.`);
  return warning(CHECK, `Others can read ${open.join(", ")} in ${directory}.`, `Run: chmod 600 ${open.join(" ")}`);
}

async function openToOthers(directory: string, names: readonly string[]): Promise<string[]> {
  const secrets = PRIVATE_FILES.filter((name) => names.includes(name));
  const modes = await Promise.all(secrets.map(async (name) => (await stat(join(directory, name))).mode));
  return secrets.filter((_, index) => ((modes[index] ?? 0) & OTHERS_MAY) !== 0);
}
