import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { judgeClock } from "../../src/cli/doctor/check-apple.js";
import { judgeDisk } from "../../src/cli/doctor/check-disk.js";
import { checkEncryptionKey } from "../../src/cli/doctor/check-encryption-key.js";
import { examine } from "../../src/cli/doctor/doctor.js";
import type { Finding } from "../../src/cli/doctor/finding.js";
import { migrateDatabase } from "../../src/database.js";
import { addTarget, addToken } from "../flows/story.js";
import { createEmptyDatabase } from "../support/database.js";
import { runSql, startEmbeddedProcess } from "../support/embedded-process.js";
import { runCommand } from "../support/run-command.js";
import { startTestService, type TestService, testEnvironment } from "../support/service.js";

let service: TestService;
let environment: Record<string, string>;
beforeAll(async () => {
  service = await startTestService();
  environment = testEnvironment(service.database.url, service.apple.baseUrl);
  await addToken(service.api, service.apple.tokenFile);
  await addTarget(service.api, "mock", { world: "doctor", seed: 5, users: 2, devices: 2 });
});
afterAll(() => service.stop());

/** As the command does it, without the cost of a process. */
const look = (changed: Record<string, string> = {}) => examine({ ...environment, ...changed });

const of = (findings: readonly Finding[], check: string) => findings.filter((finding) => finding.check === check);
const errors = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === "ERROR").map(({ check }) => check);

async function emptyDatabase(): Promise<string> {
  const database = await createEmptyDatabase();
  onTestFinished(database.drop);
  return database.url;
}

async function pluginFile(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-plugin-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "plugin.mjs");
  await writeFile(path, text);
  return path;
}

describe("allotment doctor", () => {
  it("finds a service that works well, says how each thing is as JSON, and ends with 0", async () => {
    const { status, stdout, stderr } = await runCommand(["doctor", "--json"], environment);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect({ status, stderr, ok, errors: errors(findings) }).toEqual({ status: 0, stderr: "", ok: true, errors: [] });
    const well = findings.filter(({ state }) => state === "OK").map(({ check }) => check);
    for (const check of ["configuration", "data directory", "database", "extensions", "migrations", "live updates"]) {
      expect(well).toContain(check);
    }
    for (const check of ["work", "encryption key", "tokens", "targets", "Apple", "clock"])
      expect(well).toContain(check);
    expect(of(findings, "encryption key")[0]?.found).toMatch(/all [1-9]\d* secrets/);
  });

  it("prints a line a finding and what to do, shows no secret, and ends with 1", async () => {
    const { status, stdout } = await runCommand(["doctor"], {
      ...environment,
      APPLE_BASE_URL: "http://127.0.0.1:9/v2",
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✔ database {8}PostgreSQL [\d.]+ answers at \S+\/allotment_test_/m);
    expect(stdout).toMatch(/^✖ Apple {11}.*ECONNREFUSED.*\n {18}→ Check DNS/m);
    const password = new URL(service.database.url).password;
    for (const secret of [environment.ADMIN_API_KEY, environment.ENCRYPTION_KEY, password]) {
      expect(stdout).not.toContain(secret);
    }
  });

  it("names a plugin that cannot be loaded", async () => {
    const { stdout } = await runCommand(["doctor", "--json"], {
      ...environment,
      ...{ ALLOTMENT_PLUGINS: "./no-such.js", TIME_SCALE: "1" },
    });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect(of(findings, "plugins")).toMatchObject([{ state: "ERROR", found: expect.stringContaining("no-such.js") }]);
  });

  it("ends, with nothing but its findings on standard output, whatever a plugin prints and begins", async () => {
    const plugin = await pluginFile(
      'console.log("Hello"); setInterval(() => console.log("again"), 10); export default 1;',
    );
    const { status, stdout, stderr } = await runCommand(["doctor", "--json"], {
      ...environment,
      ...{ ALLOTMENT_PLUGINS: plugin, TIME_SCALE: "1" },
    });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect(of(findings, "plugins")).toMatchObject([{ state: "ERROR", found: expect.stringContaining(plugin) }]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^Hello\n/) });
  });

  it("says of a plugin that never finishes loading that it does not, and looks at the rest", async () => {
    const plugin = await pluginFile("await new Promise(() => undefined); export default 1;");
    const { status, stdout } = await runCommand(["doctor", "--json"], { ...environment, ALLOTMENT_PLUGINS: plugin });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect({ status, errors: errors(findings) }).toEqual({ status: 1, errors: ["plugins"] });
    expect(of(findings, "plugins")[0]?.found).toMatch(/does not finish loading/);
    expect(of(findings, "Apple")[0]?.state).toBe("OK");
  });
});

describe("what doctor says", () => {
  it("of a configuration that cannot be read: each problem, and that nothing else is looked at", async () => {
    const findings = await look({ PORT: "many", TOKEN_LIMIT: "0" });
    expect(errors(findings)).toEqual(["configuration", "configuration"]);
    expect(of(findings, "database")[0]?.state).toBe("SKIPPED");
  });

  it("of a database that is not reached: why, without its password; Apple is looked at all the same", async () => {
    const findings = await look({ DATABASE_URL: "postgres://me:hidden-word@127.0.0.1:9/x" });
    expect(errors(findings)).toEqual(["database"]);
    expect(of(findings, "database")[0]).toMatchObject({
      found: expect.stringMatching(/ECONNREFUSED/),
      remedy: expect.stringMatching(/Check DATABASE_URL/),
    });
    expect(JSON.stringify(findings)).not.toContain("hidden-word");
    expect(of(findings, "Apple")[0]?.state).toBe("OK");
  });

  it("of a database without our schema: what brings it in", async () => {
    const findings = await look({ DATABASE_URL: await emptyDatabase() });
    expect(errors(findings)).toEqual([]);
    expect(of(findings, "migrations")[0]).toMatchObject({
      state: "WARNING",
      remedy: expect.stringMatching(/allotment migrate/),
    });
    expect(of(findings, "contents")[0]?.state).toBe("SKIPPED");
  });

  it("of a database of a later release: that this one must not have it", async () => {
    const url = await emptyDatabase();
    await migrateDatabase(url);
    await runSql(url, "INSERT INTO migrations (timestamp, name) VALUES (1900000000000, 'FromTheFuture1900000000000')");
    const findings = await look({ DATABASE_URL: url });
    expect(errors(findings)).toEqual(["migrations"]);
    expect(of(findings, "migrations")[0]?.found).toMatch(/FromTheFuture1900000000000/);
  });

  it("of a new database: that nobody works on it, and what is yet to be added", async () => {
    const url = await emptyDatabase();
    await migrateDatabase(url);
    const findings = await look({ DATABASE_URL: url });
    expect(errors(findings)).toEqual([]);
    expect(of(findings, "work")[0]).toMatchObject({
      state: "WARNING",
      remedy: expect.stringMatching(/allotment serve/),
    });
    expect(of(findings, "tokens")[0]?.state).toBe("SKIPPED");
    expect(of(findings, "targets")[0]?.state).toBe("SKIPPED");
  });

  it("of what answers in Apple's place: that it is not Apple", async () => {
    const findings = await look({ APPLE_BASE_URL: `${service.url}/mdm/v2` });
    expect(of(findings, "Apple")[0]).toMatchObject({
      state: "ERROR",
      remedy: expect.stringMatching(/APPLE_BASE_URL/),
    });
  });

  it("of another encryption key: what it does not open", async () => {
    const findings = await look({ ENCRYPTION_KEY: Buffer.alloc(32, 8).toString("base64") });
    expect(errors(findings)).toEqual(["encryption key"]);
    expect(of(findings, "encryption key")[0]?.found).toMatch(/the token "Head office"/);
  });

  it("of a token that does not work, and of a target that is left alone: why, and what to do", async () => {
    const { dataSource } = service.database;
    await dataSource.query(`UPDATE target SET failures = 3, opened_at = now(), paused_until = now() + interval '1 hour',
                                              last_error = 'HTTP 500'`);
    await dataSource.query(`UPDATE token SET health_state = 'REVOKED', health_cause = 'Apple revoked it.',
                                             health_remedy = 'Renew it.'`);
    onTestFinished(async () => {
      await dataSource.query("UPDATE target SET failures = 0, opened_at = NULL, paused_until = NULL");
      await dataSource.query("UPDATE token SET health_state = 'ACTIVE', health_cause = NULL, health_remedy = NULL");
    });
    const findings = await look();
    expect(of(findings, "targets")[0]).toMatchObject({
      state: "ERROR",
      found: expect.stringMatching(/3 calls failed: HTTP 500/),
    });
    expect(of(findings, "tokens")).toEqual([
      { check: "tokens", state: "WARNING", found: '"Head office" is REVOKED: Apple revoked it.', remedy: "Renew it." },
    ]);
  });

  it("of secrets that others can read: how to close them", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-open-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, "admin-api-key"), "a key");
    await chmod(join(directory, "admin-api-key"), 0o644);
    const findings = await look({ ALLOTMENT_DATA_DIR: directory });
    expect(of(findings, "data directory")[0]).toMatchObject({
      state: "WARNING",
      remedy: "Run: chmod 600 admin-api-key",
    });
  });

  it("of a data directory that cannot be there: each part for itself, and Apple is looked at all the same", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-file-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, "file");
    await writeFile(file, "");
    const findings = await examine({
      ALLOTMENT_DATA_DIR: join(file, "data"),
      APPLE_BASE_URL: service.apple.baseUrl,
    });
    expect(errors(findings)).toEqual(["data directory", "disk", "database"]);
    for (const check of ["disk", "database"]) expect(of(findings, check)[0]?.found).toMatch(/ENOTDIR/);
    expect(of(findings, "Apple")[0]?.state).toBe("OK");
  });

  it("of a generated encryption key that cannot be read: that, and how the rest is", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-key-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    await mkdir(join(directory, "encryption-key"));
    const config = { encryptionKeys: undefined, dataDirectory: directory };
    const client = new pg.Client({ connectionString: service.database.url });
    await client.connect();
    onTestFinished(() => client.end());
    expect(await checkEncryptionKey(client, config)).toMatchObject({
      state: "ERROR",
      found: expect.stringMatching(/cannot be read/),
      remedy: expect.stringMatching(/account that the service runs as/),
    });
  });

  it("of a token that expires soon: that it still works, and what to do", async () => {
    const { dataSource } = service.database;
    await dataSource.query("UPDATE token SET health_state = 'EXPIRING', health_remedy = 'Renew it.'");
    onTestFinished(async () => {
      await dataSource.query("UPDATE token SET health_state = 'ACTIVE', health_remedy = NULL");
    });
    expect(of(await look(), "tokens")).toEqual([
      { check: "tokens", state: "WARNING", found: '"Head office" is EXPIRING.', remedy: "Renew it." },
    ]);
  });

  it("of the embedded database: that there is none yet, or how the one that runs is, which goes on running", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-data-"));
    const systemDirectory = await mkdtemp(join(tmpdir(), "allotment-system-"));
    onTestFinished(async () => {
      for (const path of [directory, systemDirectory]) await rm(path, { recursive: true, force: true, maxRetries: 20 });
    });
    const embedded = { ALLOTMENT_DATA_DIR: directory, APPLE_BASE_URL: service.apple.baseUrl };
    expect(of(await examine(embedded), "database")[0]?.state).toBe("SKIPPED");

    const running = startEmbeddedProcess(directory, systemDirectory);
    onTestFinished(() => running.kill());
    const url = await running.url;
    expect(of(await examine(embedded), "database")[0]).toMatchObject({
      state: "OK",
      found: expect.stringContaining(`${new URL(url).host}/allotment`),
    });
    expect(await runSql(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await running.finish();
  });
});

describe("what counts as well", () => {
  it("is a clock within half a minute of Apple's; five minutes are an error", () => {
    const states = [0, 29_000, -29_000, 60_000, -299_000, 301_000].map((apartMs) => judgeClock(apartMs).state);
    expect(states).toEqual(["OK", "OK", "OK", "WARNING", "WARNING", "ERROR"]);
    expect(judgeClock(-90_000).found).toBe("Apple's clock is 90 seconds behind ours.");
  });

  it("is room for a first synchronisation; what stops PostgreSQL is an error", () => {
    const states = [50 * 1024 ** 3, 1024 ** 3, 100 * 1024 ** 2].map((free) => judgeDisk(free, "/data", "it").state);
    expect(states).toEqual(["OK", "WARNING", "ERROR"]);
    expect(judgeDisk(1.5 * 1024 ** 3, "/data", "the data directory").found).toBe(
      "1.5 GiB are free for the data directory, at /data.",
    );
  });
});
