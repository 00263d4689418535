import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../src/config.js";
import { DEFAULT_LIMITS } from "../src/http/limits/limits.js";

const key = randomBytes(32);
const secrets = { ENCRYPTION_KEY: key.toString("base64"), ADMIN_API_KEY: "an-admin-key-of-30-characters" };
const external = { DATABASE_URL: "postgres://u:p@db.example.com:5432/allotment", ...secrets };

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "allotment-config-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe("an empty environment", () => {
  it("gives the embedded default", () => {
    const { dataDirectory, ...config } = readConfig({});
    expect(isAbsolute(dataDirectory)).toBe(true);
    expect(dataDirectory.endsWith(".allotment")).toBe(true);
    expect(config).toEqual({
      port: 4000,
      host: "127.0.0.1",
      databaseUrl: undefined,
      appleBaseUrl: "https://vpp.itunes.apple.com/mdm/v2",
      poolSize: 20,
      encryptionKeys: undefined,
      adminApiKey: undefined,
      publicUrl: undefined,
      roles: new Set(["api", "worker"]),
      syncCron: "0 5,17 * * *",
      fullSyncDays: 7,
      expiryWarningDays: [60, 30, 14, 7, 1],
      auditDays: 400,
      oidc: null,
      trustedProxies: null,
      holdersCron: "*/15 * * * *",
      tokenLimit: 1,
      allowEducation: false,
      plugins: [],
      targetHosts: "any",
      proxy: { https: null, http: null, noProxy: null },
      limits: DEFAULT_LIMITS,
      persisted: { operations: new Map(), only: "false" },
      corsOrigins: [],
      fastPath: true,
      timeScale: 1,
      logLevel: "info",
    });
  });

  it("is what empty variables amount to", () => {
    const empty = { PORT: "", DATABASE_URL: "  ", TOKEN_LIMIT: "", ENCRYPTION_KEY: "" };
    expect(readConfig(empty)).toEqual(readConfig({}));
  });
});

describe("a complete environment", () => {
  it("is read value by value", () => {
    const config = readConfig({
      ...external,
      PORT: "8080",
      HOST: "0.0.0.0",
      ALLOTMENT_DATA_DIR: "/srv/allotment",
      APPLE_BASE_URL: "http://127.0.0.1:5001/mdm/v2/",
      PUBLIC_URL: "https://allotment.example.com/",
      ROLES: "worker",
      SYNC_CRON: "30 3 * * *",
      FULL_SYNC_DAYS: "14",
      EXPIRY_WARNING_DAYS: "7, 90,30,7",
      DATABASE_POOL_SIZE: "10",
      HOLDERS_CRON: "0 * * * *",
      TOKEN_LIMIT: "3000",
      ALLOW_EDUCATION: "true",
      ALLOTMENT_PLUGINS: "@acme/mdm, ./mine.js",
      TARGET_HOSTS: "Graph.Microsoft.com, 10.0.0.7:8443,::1,[::1]:8443",
      FAST_PATH: "false",
      TIME_SCALE: "60",
      LOG_LEVEL: "debug",
    });
    expect(config).toMatchObject({
      port: 8080,
      host: "0.0.0.0",
      databaseUrl: external.DATABASE_URL,
      poolSize: 10,
      dataDirectory: "/srv/allotment",
      appleBaseUrl: "http://127.0.0.1:5001/mdm/v2",
      adminApiKey: secrets.ADMIN_API_KEY,
      publicUrl: "https://allotment.example.com",
      roles: new Set(["worker"]),
      syncCron: "30 3 * * *",
      fullSyncDays: 14,
      expiryWarningDays: [90, 30, 7],
      holdersCron: "0 * * * *",
      tokenLimit: 3000,
      allowEducation: true,
      plugins: ["@acme/mdm", "./mine.js"],
      targetHosts: ["graph.microsoft.com", "10.0.0.7:8443", "::1", "[::1]:8443"],
      fastPath: false,
      timeScale: 60,
      logLevel: "debug",
    });
  });

  it("has every limit, and none of requests and of subscriptions for 0", () => {
    const { limits, corsOrigins } = readConfig({
      LIMIT_DEPTH: "7",
      LIMIT_COST: "1000",
      LIMIT_ALIASES: "0",
      LIMIT_DIRECTIVES: "1",
      LIMIT_FIELDS: "50",
      LIMIT_DOCUMENT_TOKENS: "300",
      LIMIT_BODY_BYTES: "2048",
      LIMIT_PAGE_SIZE: "100",
      LIMIT_LIST_LENGTH: "20",
      LIMIT_QUERY_MS: "5000",
      LIMIT_REQUESTS_PER_MINUTE: "0",
      LIMIT_OPEN_SUBSCRIPTIONS: "0",
      CORS_ORIGINS: "https://apps.example.com, http://localhost:5173",
    });
    expect(limits).toEqual({
      depth: 7,
      cost: 1000,
      aliases: 0,
      directives: 1,
      fields: 50,
      documentTokens: 300,
      bodyBytes: 2048,
      pageSize: 100,
      listLength: 20,
      queryMs: 5000,
      requestsPerMinute: null,
      openSubscriptions: null,
    });
    expect(corsOrigins).toEqual(["https://apps.example.com", "http://localhost:5173"]);
  });

  it("reads the list of persisted operations", async () => {
    const file = join(directory, "operations.json");
    await writeFile(file, JSON.stringify({ abc: "{ tokens { totalCount } }" }));
    expect(readConfig({ PERSISTED_OPERATIONS: file, PERSISTED_ONLY: "except-admin" }).persisted).toEqual({
      operations: new Map([["abc", "{ tokens { totalCount } }"]]),
      only: "except-admin",
    });
  });

  it.each([
    ["[]", "is no JSON object"],
    ['{"abc":1}', "is no JSON object"],
    ["{", "is no JSON"],
  ])("tells what is wrong with a list of persisted operations: %s", async (content, problem) => {
    const file = join(directory, `operations-${content.length}.json`);
    await writeFile(file, content);
    expect(problemsOf({ PERSISTED_OPERATIONS: file })).toEqual([expect.stringContaining(problem)]);
  });

  it("takes no list for what is missing", () => {
    expect(problemsOf({ PERSISTED_ONLY: "true" })).toEqual([expect.stringContaining("PERSISTED_OPERATIONS")]);
    expect(problemsOf({ PERSISTED_OPERATIONS: join(directory, "nowhere.json") })).toEqual([
      expect.stringContaining("ENOENT"),
    ]);
  });

  it.each(["*", "apps.example.com", "https://apps.example.com/", "https://apps.example.com/app"])(
    "takes no origin but a whole one: %s",
    (origin) => {
      expect(problemsOf({ CORS_ORIGINS: origin })).toEqual([expect.stringContaining("CORS_ORIGINS")]);
    },
  );

  it("closes the list of target hosts where the database is not the embedded one", () => {
    expect(readConfig(external).targetHosts).toEqual([]);
  });

  it.each(["hex", "base64", "base64url"] as const)("takes an encryption key in %s", (encoding) => {
    const [first] = readConfig({ ...external, ENCRYPTION_KEY: key.toString(encoding) }).encryptionKeys ?? [];
    expect(first && key.equals(first)).toBe(true);
  });

  it("reads the proxy in either spelling, the lower case one first, with or without a scheme", () => {
    const env = {
      HTTPS_PROXY: "http://upper.example.com:1",
      https_proxy: "http://user:pass@lower.example.com:3128",
      HTTP_PROXY: "proxy.example.com:8080",
      no_proxy: "localhost,.example.com",
    };
    expect(readConfig({ ...external, ...env }).proxy).toEqual({
      https: env.https_proxy,
      http: "http://proxy.example.com:8080",
      noProxy: env.no_proxy,
    });
  });

  it("takes several encryption keys, in their order", () => {
    const older = randomBytes(32);
    const both = `${key.toString("hex")}, ${older.toString("base64")}`;
    expect(readConfig({ ...external, ENCRYPTION_KEY: both }).encryptionKeys).toEqual([key, older]);
  });

  it("reads secrets from the files it is pointed to", async () => {
    const [keyFile, apiFile] = [join(directory, "key"), join(directory, "api")];
    await writeFile(keyFile, `${key.toString("hex")}\n`);
    await writeFile(apiFile, `${secrets.ADMIN_API_KEY}\n`);
    const { DATABASE_URL } = external;
    const config = readConfig({ DATABASE_URL, ENCRYPTION_KEY_FILE: keyFile, ADMIN_API_KEY_FILE: apiFile });
    expect(config.encryptionKeys).toEqual([key]);
    expect(config.adminApiKey).toBe(secrets.ADMIN_API_KEY);
  });
});

describe("a wrong environment", () => {
  it("is told problem by problem, all at once, also those of several variables together", () => {
    const problems = problemsOf({
      DATABASE_URL: "mysql://db",
      PORT: "70000",
      ROLES: "api,cook",
      SYNC_CRON: "sometimes",
      TOKEN_LIMIT: "0",
      TIME_SCALE: "10",
      PUBLIC_URL: "http://allotment.example.com",
      ADMIN_API_KEY: "short",
    });
    expect(problems.map((problem) => problem.split(" ")[0]).sort()).toEqual([
      "ADMIN_API_KEY",
      "DATABASE_URL",
      "ENCRYPTION_KEY",
      "PORT",
      "PUBLIC_URL",
      "ROLES",
      "SYNC_CRON",
      "TIME_SCALE",
      "TOKEN_LIMIT",
    ]);
  });

  it("has a line for each problem in the message", () => {
    const attempt = () => readConfig({ PORT: "x", TOKEN_LIMIT: "3001" });
    expect(attempt).toThrow(
      /\n {2}PORT is not a whole number from 0 to 65535\.\n {2}TOKEN_LIMIT is not .* 1 to 3000\.$/,
    );
  });

  it.each([
    ["PORT", ["-1", "1.5", "0x10", "65536"]],
    ["DATABASE_URL", ["localhost", "https://db.example.com"]],
    [
      "APPLE_BASE_URL",
      ["apple", "http://apple.example.com", "https://a:b@apple.example.com", "https://x.example.com/?a=1"],
    ],
    ["ENCRYPTION_KEY", [randomBytes(16).toString("hex"), "x".repeat(32), randomBytes(33).toString("base64"), ","]],
    ["ADMIN_API_KEY", ["nineteen-characters", "a key with spaces, long"]],
    ["PUBLIC_URL", ["allotment.example.com", "http://10.0.0.7", "ftp://allotment.example.com"]],
    ["ROLES", ["cook", ",", "api worker"]],
    ["EXPIRY_WARNING_DAYS", [",", "0", "30,366", "30;7", "soon"]],
    ["SYNC_CRON", ["daily", "99 * * * *"]],
    ["HOLDERS_CRON", ["every 15 minutes"]],
    ["FULL_SYNC_DAYS", ["0", "weekly"]],
    ["TOKEN_LIMIT", ["0", "3001"]],
    ["ALLOW_EDUCATION", ["yes", "1"]],
    ["TARGET_HOSTS", ["*", "https://graph.microsoft.com", "host:", "host:99999", "[::1]", "[host]:443", "a..b"]],
    ["TIME_SCALE", ["0.5", "fast", "-2"]],
    ["LOG_LEVEL", ["loud"]],
  ])("refuses unusable values of %s", (name, values) => {
    for (const value of values)
      expect(problemsOf({ ...secrets, [name]: value }), value).toEqual([expect.stringMatching(`^${name} `)]);
  });

  it("names a proxy that cannot be one, without its password", () => {
    expect(problemsOf({ ...external, HTTPS_PROXY: "socks5://user:secret@proxy.example.com" })).toEqual([
      "HTTPS_PROXY is not the address of a proxy; give http://proxy.example.com:3128.",
    ]);
  });

  it("may not scale time against any of Apple's hosts", () => {
    for (const apple of [undefined, "https://vpp.itunes.apple.com/mdm/v2", "https://VPP.iTunes.Apple.com"]) {
      expect(problemsOf({ TIME_SCALE: "2", APPLE_BASE_URL: apple })).toEqual([expect.stringMatching("^TIME_SCALE ")]);
    }
    expect(problemsOf({ TIME_SCALE: "2", APPLE_BASE_URL: "https://notapple.com" })).toEqual([]);
  });

  it("names the variable whose file is missing, empty, or given twice", async () => {
    const empty = join(directory, "empty");
    await writeFile(empty, "");
    expect(problemsOf({ ENCRYPTION_KEY_FILE: join(directory, "none") })).toEqual([
      expect.stringMatching(/^ENCRYPTION_KEY_FILE .*ENOENT/),
    ]);
    expect(problemsOf({ ADMIN_API_KEY_FILE: empty })).toEqual([expect.stringMatching(/^ADMIN_API_KEY /)]);
    expect(problemsOf({ ...secrets, ADMIN_API_KEY_FILE: empty })).toEqual([expect.stringMatching(/both set/)]);
  });

  it("repeats no value in its message, whichever variable a secret was put in", () => {
    const secret = "s3cret-s3cret\u00fc s3cret";
    const names = ["PORT", "DATABASE_URL", "APPLE_BASE_URL", "ENCRYPTION_KEY", "ADMIN_API_KEY", "PUBLIC_URL", "ROLES"];
    names.push("SYNC_CRON", "TARGET_HOSTS", "LOG_LEVEL", "TIME_SCALE", "ALLOW_EDUCATION", "ENCRYPTION_KEY_FILE");
    for (const name of names) {
      expect(problemsOf({ [name]: secret }).join(), name).not.toBe("");
      expect(problemsOf({ [name]: secret }).join(), name).not.toContain("s3cret");
    }
  });
});
