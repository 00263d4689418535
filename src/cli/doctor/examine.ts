import { type Config, ConfigError, readConfig } from "../../config.js";
import { describeError } from "../../describe-error.js";
import { findCluster } from "../../embedded-postgres/find-cluster.js";
import { loadPlugins } from "../../load-plugins.js";
import { checkApple } from "./check-apple.js";
import { checkDataDirectory } from "./check-data-directory.js";
import { checkDatabase } from "./check-database.js";
import { checkDisk } from "./check-disk.js";
import { checkEncryptionKey } from "./check-encryption-key.js";
import { checkTargets } from "./check-targets.js";
import { checkTokens } from "./check-tokens.js";
import { checkWork } from "./check-work.js";
import { type Finding, failure, ok, skipped } from "./finding.js";
import { openSession, type Session } from "./open-session.js";

/** A part of the examination, and what a person who waits for it is told. */
export interface Examination {
  readonly name: string;
  findings(): Promise<Finding[]>;
}

/** What is to be looked at, in the order in which one thing explains the next. Each look stands for itself. */
export function examinations(env: NodeJS.ProcessEnv): Examination[] {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map((problem) => failure("configuration", problem, "Set it; README.md says how."));
    const unseen = skipped("database", "Nothing else is looked at while the configuration cannot be read.");
    return [{ name: "configuration", findings: async () => [...problems, unseen] }];
  }
  return [
    { name: "configuration", findings: async () => [ok("configuration", "Every variable can be read.")] },
    { name: "data directory", findings: async () => [await checkDataDirectory(config.dataDirectory)] },
    { name: "disk", findings: () => lookAtDisks(config) },
    { name: "database", findings: () => lookAtDatabase(config) },
    { name: "Apple", findings: () => checkApple(config) },
  ];
}

async function lookAtDisks({ dataDirectory, databaseUrl }: Config): Promise<Finding[]> {
  const cluster = databaseUrl === undefined ? await findCluster(dataDirectory) : null;
  const findings = [await checkDisk(dataDirectory, "the data directory")];
  if (cluster) findings.push(await checkDisk(cluster.root, "the embedded database"));
  return findings;
}

async function lookAtDatabase(config: Config): Promise<Finding[]> {
  let session: Session | null;
  try {
    session = await openSession(config);
  } catch (error) {
    return [failure("database", `It is not reached: ${wordsOf(error)}.`, remedyOf(config))];
  }
  if (session === null) {
    return [skipped("database", "The embedded one is not there yet: the service makes it at its first start.")];
  }
  try {
    return await lookInside(session, config);
  } catch (error) {
    const found = `It does not answer as it should: ${wordsOf(error)}.`;
    return [failure("database", found, "Look at the database's own log.")];
  } finally {
    await session.close();
  }
}

async function lookInside({ client, place }: Session, config: Config): Promise<Finding[]> {
  const findings = await checkDatabase(client, place);
  const plugins = await lookAtPlugins(config);
  if (!isMigrated(findings)) {
    return [...findings, ...plugins.findings, skipped("contents", "They are not looked at before the migrations.")];
  }
  return [
    ...findings,
    await checkWork(client),
    await checkEncryptionKey(client, config),
    ...(await checkTokens(client)),
    ...plugins.findings,
    ...(await checkTargets(client, plugins.names)),
  ];
}

function isMigrated(findings: readonly Finding[]): boolean {
  return findings.some(({ check, state }) => check === "migrations" && state === "OK");
}

async function lookAtPlugins({ plugins }: Config): Promise<{ names: ReadonlySet<string>; findings: Finding[] }> {
  try {
    return { names: new Set((await loadPlugins(plugins)).keys()), findings: [] };
  } catch (error) {
    const own = await loadPlugins([]);
    const remedy = "Install it beside Allotment, or correct ALLOTMENT_PLUGINS; its own README says what it needs.";
    return { names: new Set(own.keys()), findings: [failure("plugins", problemsOf(error), remedy)] };
  }
}

/** A plugin is named in full, however long its path. */
function problemsOf(error: unknown): string {
  return error instanceof ConfigError ? error.problems.join("; ").replace(/\.$/, "") : wordsOf(error);
}

function remedyOf({ databaseUrl, dataDirectory }: Config): string {
  if (databaseUrl === undefined) return `Look at ${dataDirectory}/postgres.log, and whether the disk is full.`;
  return "Check DATABASE_URL, whether the server runs, and whether this machine may reach it.";
}

/** Of a failure to connect to several addresses of one name, each has its own words, and the whole has none. */
function wordsOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const told = describeError(first);
  if (typeof told === "string") return told;
  const { message, code } = told as { message?: string; code?: string };
  return (message || code || "no reason is told").replace(/\.$/, "");
}
