import { readFileSync } from "node:fs";

/** An account of this machine that a process can be started as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ["postgres", "_postgres", "nobody"];

/**
 * The account PostgreSQL has to run as: undefined for an ordinary user (as itself), an existing unprivileged account for
 * root, because initdb and postgres refuse to run as root.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return chooseAccount(readFileSync("/etc/passwd", "utf8"));
}

/** Picks postgres, else nobody, from the text of /etc/passwd. */
export function chooseAccount(passwd: string): Account {
  const accounts = passwd.split("\n").map(readAccount);
  for (const name of CANDIDATES) {
    const account = accounts.find((candidate) => candidate.name === name);
    if (account && Number.isInteger(account.uid) && Number.isInteger(account.gid) && account.uid !== 0) return account;
  }
  throw new Error(
    "PostgreSQL refuses to run as root, and /etc/passwd has neither a postgres nor a nobody account to run it as: " +
      "start Allotment as an ordinary user, or set DATABASE_URL.",
  );
}

function readAccount(line: string): Account {
  const [name = "", , uid, gid] = line.split(":");
  return { name, uid: Number.parseInt(uid ?? "", 10), gid: Number.parseInt(gid ?? "", 10) };
}
