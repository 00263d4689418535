import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, chown, mkdir, mkdtemp, rename, rm, rmdir, statfs, writeFile } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { readIfPresent, readOrCreatePrivateFile } from "../private-file.js";
import type { Account } from "./account.js";
import type { Binaries } from "./binaries.js";
import { draftName, removeAbandonedDrafts } from "./drafts.js";

export const SUPERUSER = "allotment";
export const DATABASE = "allotment";
const MAJOR_VERSION = "18";
const MEMORY_FILE_SYSTEM = "/dev/shm";
/** What the databases of a few tests at a time take at most, with their log. */
const MEMORY_BYTES = 4 * 1024 ** 3;

/** Where a cluster lives: `root` belongs to the account PostgreSQL runs as, and `root/data` is its data directory. */
export interface ClusterPlace {
  readonly root: string;
  /** What has to go with a throwaway cluster. */
  readonly traces: readonly string[];
}

/** An ordinary user's cluster lies in its data directory. */
export async function ownPlace(directory: string): Promise<ClusterPlace> {
  const root = join(directory, "postgres");
  await mkdir(root, { recursive: true, mode: 0o700 });
  return { root, traces: [root] };
}

/**
 * Root's cluster lies in `systemDirectory`, where another account can reach it; `directory/postgres-path` says where. The
 * name is random, not made from `directory`, so that a new clone at an old path does not meet an old database.
 */
export async function placeForAccount(
  directory: string,
  systemDirectory: string,
  account: Account,
): Promise<ClusterPlace> {
  const note = join(directory, "postgres-path");
  const fresh = join(systemDirectory, `cluster-${randomBytes(8).toString("hex")}`);
  if ((await readIfPresent(note)) === undefined) {
    await mkdir(fresh, { mode: 0o700 });
    await chown(fresh, account.uid, account.gid);
  }
  const root = await readOrCreatePrivateFile(note, () => fresh);
  if (root !== fresh) {
    await rmdir(fresh).catch(() => undefined);
    await assertPresent(root, note);
  }
  return { root, traces: [root, note] };
}

/**
 * A throwaway cluster lies in memory, undefined where there is too little: some file systems take longer to make and remove
 * a test's database than the test takes.
 */
export async function placeInMemory(account: Account | undefined): Promise<ClusterPlace | undefined> {
  const system = await statfs(MEMORY_FILE_SYSTEM).catch(() => undefined);
  if (!system || Math.min(system.bavail * system.bsize, freemem()) < MEMORY_BYTES) return undefined;
  const root = await mkdtemp(join(MEMORY_FILE_SYSTEM, "allotment-"));
  if (account) await chown(root, account.uid, account.gid);
  return { root, traces: [root] };
}

/** An empty database in place of a lost one would look like a loss of every licence. */
async function assertPresent(root: string, note: string): Promise<void> {
  await access(root).catch((cause) => {
    throw new Error(
      `The database is not where ${note} says (${root}): put it back there, or delete that file to begin with an ` +
        "empty one.",
      { cause },
    );
  });
}

export interface ClusterOrder {
  readonly root: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly password: string;
  /** Skips waiting for the disk. */
  readonly throwaway: boolean;
}

/** Makes the data directory where there is none, whole or not at all, and returns its path. */
export async function ensureCluster(order: ClusterOrder): Promise<string> {
  const data = join(order.root, "data");
  await removeAbandonedDrafts(order.root, "init");
  const version = await readIfPresent(join(data, "PG_VERSION"));
  if (version === undefined) await createCluster(order, data);
  else if (version !== MAJOR_VERSION) {
    throw new Error(
      `The database in ${data} was made by PostgreSQL ${version}, and this release of Allotment brings PostgreSQL ` +
        `${MAJOR_VERSION}: move its data with pg_dump, or start the release that made it.`,
    );
  }
  return data;
}

async function createCluster(order: ClusterOrder, data: string): Promise<void> {
  const draft = join(order.root, draftName("init"));
  const passwordFile = join(draft, "password");
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, order.password, { mode: 0o600 });
    if (order.account) {
      for (const path of [draft, passwordFile]) await chown(path, order.account.uid, order.account.gid);
    }
    await runInitdb(order, join(draft, "data"), passwordFile);
    await rename(join(draft, "data"), data).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster, with the same password: its cluster is as good as ours.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** C.UTF-8 is PostgreSQL's own locale: the same order and case rules on every machine. */
async function runInitdb(order: ClusterOrder, data: string, passwordFile: string): Promise<void> {
  const child = spawn(
    order.binaries.initdb,
    [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(order.throwaway ? ["--no-sync"] : []),
    ],
    { cwd: order.root, env: { LC_ALL: "C", TZ: "UTC" }, stdio: ["ignore", "pipe", "pipe"], ...runAs(order.account) },
  );
  const { code, output } = await outcome(child);
  if (code !== 0) throw new Error(`initdb could not make the database in ${data}: ${output.slice(-2000)}`);
}

/** The options that start a process as an account; none for the account we are. */
function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

function outcome(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
