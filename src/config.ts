import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { limitVariables, toLimits } from "./config-limits.js";
import {
  apiKey,
  cron,
  encryptionKeys,
  exactWebUrl,
  hosts,
  list,
  listOf,
  names,
  numberOf,
  oneOf,
  parseUrl,
  postgresUrl,
  proxyUrl,
  text,
  trustedProxies,
  webUrl,
  wholeNumber,
  wholeNumbers,
  yesOrNo,
} from "./config-values.js";
import type { Limits } from "./http/limits/limits.js";
import type { PersistedSettings } from "./http/persisted/persisted-settings.js";
import { readManifest } from "./read-manifest.js";

const APPLE_BASE_URL = "https://vpp.itunes.apple.com/mdm/v2";

/** The environment's variables; those without a default may be missing. README.md has the table for readers. */
const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: text().default("127.0.0.1"),
  DATABASE_URL: postgresUrl().optional(),
  DATABASE_POOL_SIZE: wholeNumber(5, 1000).default(20),
  ALLOTMENT_DATA_DIR: text().default(".allotment"),
  APPLE_BASE_URL: webUrl(APPLE_BASE_URL).default(APPLE_BASE_URL),
  ENCRYPTION_KEY: encryptionKeys().optional(),
  ADMIN_API_KEY: apiKey().optional(),
  PUBLIC_URL: webUrl("https://allotment.example.com").optional(),
  ROLES: listOf(["api", "worker"]).default(new Set<"api" | "worker">(["api", "worker"])),
  SYNC_CRON: cron().default("0 5,17 * * *"),
  FULL_SYNC_DAYS: wholeNumber(1, 365).default(7),
  EXPIRY_WARNING_DAYS: wholeNumbers(1, 365).default([60, 30, 14, 7, 1]),
  TRUST_PROXY: trustedProxies().optional(),
  OIDC_ISSUER: exactWebUrl("https://login.example.com/").optional(),
  OIDC_AUDIENCE: names().optional(),
  OIDC_JWKS_URL: webUrl("https://login.example.com/keys").optional(),
  OIDC_ROLE_CLAIM: text().default("roles"),
  OIDC_TEAMS_CLAIM: text().optional(),
  OIDC_ACTOR_CLAIM: text().default("sub"),
  AUDIT_DAYS: wholeNumber(1, 36_500).default(400),
  HOLDERS_CRON: cron().default("*/15 * * * *"),
  TOKEN_LIMIT: wholeNumber(1, 3000).default(1),
  ALLOW_EDUCATION: yesOrNo().default(false),
  ALLOTMENT_PLUGINS: list().default([]),
  TARGET_HOSTS: hosts().optional(),
  HTTPS_PROXY: proxyUrl().optional(),
  HTTP_PROXY: proxyUrl().optional(),
  NO_PROXY: text().optional(),
  ...limitVariables,
  FAST_PATH: yesOrNo().default(true),
  TIME_SCALE: numberOf(1, 1_000_000).default(1),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** Where both spellings are set, the lower case one counts, as it does for other programs. */
const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] as const;

/** These may also come from the file that `<NAME>_FILE` names. */
const FILE_VARIABLES = ["ENCRYPTION_KEY", "ADMIN_API_KEY"] as const;

export type Role = "api" | "worker";

/** Whose tokens open the API, and what is read in them. */
export interface OidcConfig {
  /** Exactly as tokens name it. */
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Null: where the issuer's discovery document says. */
  readonly jwksUrl: string | null;
  readonly roleClaim: string;
  readonly teamsClaim: string | null;
  readonly actorClaim: string;
}

/** Everything that differs between installations. */
export interface Config {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** undefined: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Sessions at most, besides those of the worker. */
  readonly poolSize: number;
  /** Absolute. */
  readonly dataDirectory: string;
  /** The root of Apple's v2 service, without a slash at the end. */
  readonly appleBaseUrl: string;
  /** The first seals, all open; undefined: to be generated (see generated-secrets.ts). */
  readonly encryptionKeys: readonly Uint8Array[] | undefined;
  /** undefined: to be generated. */
  readonly adminApiKey: string | undefined;
  /** Where Apple and MDMs reach us, without a slash at the end; undefined: we poll. */
  readonly publicUrl: string | undefined;
  readonly roles: ReadonlySet<Role>;
  /** Cron expressions, UTC. */
  readonly syncCron: string;
  readonly holdersCron: string;
  readonly fullSyncDays: number;
  /** Descending, each once. */
  readonly expiryWarningDays: readonly number[];
  readonly auditDays: number;
  /** The issuer whose tokens open the API; null for none. */
  readonly oidc: OidcConfig | null;
  /** How many proxies stand before us, or which; null for none. */
  readonly trustedProxies: number | readonly string[] | null;
  readonly tokenLimit: number;
  readonly allowEducation: boolean;
  /** Module specifiers of plugins that are not ours. */
  readonly plugins: readonly string[];
  /** The hosts plugins may reach; "any" only on the embedded default. */
  readonly targetHosts: readonly string[] | "any";
  /** How Apple is reached; addresses may hold an account. */
  readonly proxy: { readonly https: string | null; readonly http: string | null; readonly noProxy: string | null };
  readonly limits: Limits;
  readonly persisted: PersistedSettings;
  /** Whose pages may call the API, beside our own. */
  readonly corsOrigins: readonly string[];
  /** Whether queries that one SQL statement answers are answered by its text. */
  readonly fastPath: boolean;
  /** Divides every duration. */
  readonly timeScale: number;
  readonly logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
}

/** The environment cannot be used as it is. The message has a line for each problem, and no value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(["Allotment cannot start with this configuration:", ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
}

/**
 * Reads the configuration from the environment; an empty variable counts as missing. Reads the files that `_FILE`
 * variables and `PERSISTED_OPERATIONS` name, and changes nothing. Throws a ConfigError that lists every problem.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const given = trimmed(env);
  for (const name of PROXY_VARIABLES) given[name] = given[name.toLowerCase()] ?? given[name];
  for (const name of FILE_VARIABLES) problems.push(...fillFromFile(given, name));
  const parsed = variables.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) problems.push(`${String(issue.path[0])} ${issue.message}.`);
  problems.push(...problemsTogether(given));
  const listed = given.PERSISTED_OPERATIONS === undefined ? new Map() : readManifest(given.PERSISTED_OPERATIONS);
  if (typeof listed === "string") problems.push(`PERSISTED_OPERATIONS ${listed}.`);
  if (!parsed.success || typeof listed === "string" || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data, listed);
}

function trimmed(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const entries = Object.entries(env).map(([name, value]) => [name, value?.trim() ?? ""] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

function toConfig(values: z.output<typeof variables>, listed: ReadonlyMap<string, string>): Config {
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    poolSize: values.DATABASE_POOL_SIZE,
    dataDirectory: resolve(values.ALLOTMENT_DATA_DIR),
    appleBaseUrl: values.APPLE_BASE_URL,
    encryptionKeys: values.ENCRYPTION_KEY,
    adminApiKey: values.ADMIN_API_KEY,
    publicUrl: values.PUBLIC_URL,
    roles: values.ROLES,
    syncCron: values.SYNC_CRON,
    holdersCron: values.HOLDERS_CRON,
    fullSyncDays: values.FULL_SYNC_DAYS,
    expiryWarningDays: values.EXPIRY_WARNING_DAYS,
    auditDays: values.AUDIT_DAYS,
    oidc: toOidc(values),
    trustedProxies: values.TRUST_PROXY ?? null,
    tokenLimit: values.TOKEN_LIMIT,
    allowEducation: values.ALLOW_EDUCATION,
    plugins: values.ALLOTMENT_PLUGINS,
    targetHosts: values.TARGET_HOSTS ?? (values.DATABASE_URL === undefined ? "any" : []),
    proxy: {
      https: values.HTTPS_PROXY ?? null,
      http: values.HTTP_PROXY ?? null,
      noProxy: values.NO_PROXY ?? null,
    },
    limits: toLimits(values),
    persisted: { operations: listed, only: values.PERSISTED_ONLY },
    corsOrigins: values.CORS_ORIGINS,
    fastPath: values.FAST_PATH,
    timeScale: values.TIME_SCALE,
    logLevel: values.LOG_LEVEL,
  };
}

function toOidc(values: z.output<typeof variables>): OidcConfig | null {
  if (values.OIDC_ISSUER === undefined) return null;
  return {
    issuer: values.OIDC_ISSUER,
    audience: values.OIDC_AUDIENCE ?? [],
    jwksUrl: values.OIDC_JWKS_URL ?? null,
    roleClaim: values.OIDC_ROLE_CLAIM,
    teamsClaim: values.OIDC_TEAMS_CLAIM ?? null,
    actorClaim: values.OIDC_ACTOR_CLAIM,
  };
}

/** Puts the text of the file that `<name>_FILE` names in the variable's place. */
function fillFromFile(given: Record<string, string | undefined>, name: string): string[] {
  const path = given[`${name}_FILE`];
  if (path === undefined) return [];
  if (given[name] !== undefined) return [`${name} and ${name}_FILE are both set: set one of them.`];
  try {
    given[name] = readFileSync(path, "utf8").trim();
    return [];
  } catch (error) {
    return [
      `${name}_FILE names a file that cannot be read (${(error as NodeJS.ErrnoException).code}): check the path.`,
    ];
  }
}

/** What can only be judged from several variables. Judged from the text, so that it is told along with all else. */
function problemsTogether(given: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  if (given.DATABASE_URL !== undefined) {
    for (const name of FILE_VARIABLES) {
      if (given[name] !== undefined || given[`${name}_FILE`] !== undefined) continue;
      problems.push(`${name} is missing: with DATABASE_URL set, give it or ${name}_FILE.`);
    }
  }
  if (given.OIDC_ISSUER !== undefined && given.OIDC_AUDIENCE === undefined) {
    problems.push("OIDC_AUDIENCE is missing: without it, tokens for anybody else would open this API.");
  }
  for (const name of ["OIDC_AUDIENCE", "OIDC_JWKS_URL", "OIDC_ROLE_CLAIM", "OIDC_TEAMS_CLAIM", "OIDC_ACTOR_CLAIM"]) {
    if (given[name] === undefined || given.OIDC_ISSUER !== undefined) continue;
    problems.push(`${name} is set without OIDC_ISSUER: set that, too, or leave it out.`);
  }
  if (["true", "except-admin"].includes(given.PERSISTED_ONLY ?? "") && given.PERSISTED_OPERATIONS === undefined) {
    problems.push("PERSISTED_ONLY is set without PERSISTED_OPERATIONS: name the file with the list, too.");
  }
  const apple = parseUrl(given.APPLE_BASE_URL ?? APPLE_BASE_URL)?.hostname ?? "";
  if (Number(given.TIME_SCALE ?? 1) > 1 && /(^|\.)apple\.com$/.test(apple)) {
    problems.push(
      "TIME_SCALE is above 1 while APPLE_BASE_URL leads to Apple: leave it out; it is for simulators only.",
    );
  }
  return problems;
}
