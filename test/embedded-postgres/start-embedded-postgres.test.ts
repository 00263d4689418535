import { chmod, lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { startEmbeddedPostgres } from "../../src/embedded-postgres/start-embedded-postgres.js";
import { runSql, startEmbeddedProcess } from "../support/embedded-process.js";

let systemDirectory: string;
let directory: string;
beforeAll(async () => {
  systemDirectory = await mkdtemp(join(tmpdir(), "allotment-system-"));
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "allotment-data-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});
afterAll(async () => {
  await rm(systemDirectory, { recursive: true, force: true, maxRetries: 20 });
});

async function start(more: { throwaway?: boolean; onLost?: (error: Error) => void } = {}) {
  const postgres = await startEmbeddedPostgres({ directory, systemDirectory, ...more });
  onTestFinished(() => postgres.stop());
  return postgres;
}

function startProcess(manner?: "stop" | "abandon") {
  const started = startEmbeddedProcess(directory, systemDirectory, manner);
  onTestFinished(() => started.kill());
  return started;
}

/** Waits for the server to be gone, as long as the test may take. */
async function untilGone(url: string): Promise<void> {
  while (await isServing(url)) await sleep(50);
}

async function isServing(url: string): Promise<boolean> {
  return runSql(url, "SELECT 1").then(
    () => true,
    () => false,
  );
}

async function dataOf(url: string): Promise<string> {
  return String((await runSql(url, "SHOW data_directory"))[0]?.data_directory);
}

describe("the embedded PostgreSQL", () => {
  it("serves UTF-8 on the loopback interface only, and only who has the password", async () => {
    const { url } = await start();
    const settings = `SELECT current_setting('listen_addresses') AS listens, current_setting('server_encoding') AS encoding,
      current_setting('unix_socket_directories') AS sockets, lower('ÄÖ') AS lowered`;
    expect(await runSql(url, settings)).toEqual([
      { listens: "127.0.0.1", encoding: "UTF8", sockets: "", lowered: "äö" },
    ]);
    await expect(runSql(url.replace(/:[0-9a-f]{48}@/, ":guess@"), "SELECT 1")).rejects.toThrow(/authentication/);
  });

  it("keeps its data from one start to the next, and its files to itself", async () => {
    const first = await start();
    await runSql(first.url, "CREATE TABLE kept AS SELECT 'ü' AS word");
    await first.stop();
    expect(await isServing(first.url)).toBe(false);
    const second = await start();
    expect(await runSql(second.url, "TABLE kept")).toEqual([{ word: "ü" }]);
    for (const file of ["postgres-password", "postgres.log"]) {
      expect((await lstat(join(directory, file))).mode & 0o077, file).toBe(0);
    }
    const data = await dataOf(second.url);
    expect((await lstat(join(data, ".."))).mode & 0o077).toBe(0);
    expect(await readdir(join(data, ".."))).toEqual(["data"]);
  });

  it("writes neither statements nor values to its log when one fails", async () => {
    const { url } = await start();
    await runSql(url, "CREATE TABLE secret (word text UNIQUE)");
    await runSql(url, "INSERT INTO secret VALUES ('hunter2')");
    await expect(runSql(url, "INSERT INTO secret VALUES ('hunter2')")).rejects.toThrow(/duplicate/);
    const log = await readFile(join(directory, "postgres.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain("hunter2");
  });

  it("leaves nothing behind when it was for throwing away", async () => {
    const postgres = await start({ throwaway: true });
    const data = await dataOf(postgres.url);
    await postgres.stop();
    await expect(lstat(join(data, ".."))).rejects.toThrow(/ENOENT/);
    expect(await readdir(directory)).not.toContain("postgres-path");
  });

  it("reports it when PostgreSQL ends on its own", async () => {
    let report: (error: Error) => void = () => undefined;
    const reported = new Promise<Error>((resolve) => {
      report = resolve;
    });
    const { url } = await start({ onLost: (error) => report(error) });
    process.kill(Number.parseInt(await readFile(join(await dataOf(url), "postmaster.pid"), "utf8"), 10), "SIGQUIT");
    expect((await reported).message).toContain(directory);
  });
});

describe("a process with an embedded PostgreSQL", () => {
  it("takes it along when it ends without a word", async () => {
    const service = startProcess("abandon");
    const url = await service.url;
    await service.finish();
    await untilGone(url);
  });

  it("loses nothing by kill -9, and can be started again at once", async () => {
    const service = startProcess();
    const url = await service.url;
    await runSql(url, "CREATE TABLE kept AS SELECT 7 AS number");
    await service.kill();
    const again = startProcess();
    expect(await runSql(await again.url, "TABLE kept")).toEqual([{ number: 7 }]);
    expect(await isServing(url)).toBe(false);
  });

  it("keeps it while it is still closing after Ctrl-C", async () => {
    const service = startProcess();
    const url = await service.url;
    process.kill(-service.pid, "SIGINT");
    await sleep(500);
    expect(await isServing(url)).toBe(true);
    await service.finish();
    expect(await isServing(url)).toBe(false);
  });

  it("starts afresh where an earlier one was killed while it made the database", async () => {
    const service = startProcess();
    while (!(await isInitialising())) await sleep(5);
    await service.kill();
    const again = startProcess();
    expect(await isServing(await again.url)).toBe(true);
  });
});

/** Whether initdb is at work: its draft is there, in the place noted by root, or in an ordinary user's directory. */
async function isInitialising(): Promise<boolean> {
  const root = await readFile(join(directory, "postgres-path"), "utf8").catch(() => join(directory, "postgres"));
  const entries = await readdir(root.trim()).catch(() => []);
  return entries.some((entry) => entry.startsWith("init-"));
}

describe("two processes on one directory", () => {
  it("start one after the other, also when there was no database yet", async () => {
    const services = [startProcess(), startProcess()];
    const first = await Promise.race(services.map((service) => service.url.then(() => service)));
    const second = services.find((service) => service !== first);
    await runSql(await first.url, "CREATE TABLE mine AS SELECT 1 AS one");
    await first.finish();
    expect(await runSql(String(await second?.url), "TABLE mine")).toEqual([{ one: 1 }]);
  });

  it("are told apart: the second gives up with the directory and the process that holds it", async () => {
    const { url } = await start();
    const data = await dataOf(url);
    const pid = Number.parseInt(await readFile(join(data, "postmaster.pid"), "utf8"), 10);
    const second = startEmbeddedPostgres({ directory, systemDirectory, waitForOtherMs: 300 });
    await expect(second).rejects.toThrow(`The database in ${data} is in use by another Allotment`);
    await expect(second).rejects.toThrow(`process id ${pid})`);
    expect(await isServing(url)).toBe(true);
  });
});

describe("a lock left by a machine that died", () => {
  it.each([
    ["belongs to a program that is not PostgreSQL by now", process.pid],
    ["belongs to nobody by now", 2 ** 22 - 1],
    ["was never written to the end", "" as const],
  ])("is taken over when its process id %s", async (_, pid) => {
    const first = await start();
    const data = await dataOf(first.url);
    const lock = await startAndReadLock(first.url);
    await first.stop();
    await writeFile(join(data, "postmaster.pid"), pid === "" ? "" : lock.replace(/^\d+/, String(pid)));
    await chmod(join(data, "postmaster.pid"), 0o666);
    const second = await start();
    expect(await isServing(second.url)).toBe(true);
  });
});

async function startAndReadLock(url: string): Promise<string> {
  return readFile(join(await dataOf(url), "postmaster.pid"), "utf8");
}
