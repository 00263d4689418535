import { type Config, ConfigError, readConfig } from "../../config.js";
import { findCluster } from "../../embedded-postgres/find-cluster.js";
import { errorSentence } from "../../error-sentence.js";
import { openSession, type Session } from "../open-session.js";
import { checkApple } from "./check-apple.js";
import { checkDataDirectory } from "./check-data-directory.js";
import { checkDatabase } from "./check-database.js";
import { checkDisk } from "./check-disk.js";
import { checkEncryptionKey } from "./check-encryption-key.js";
import { checkPlugins } from "./check-plugins.js";
import { checkTargets } from "./check-targets.js";
import { checkTokens } from "./check-tokens.js";
import { checkWork } from "./check-work.js";
import { type Finding, failure, ok, skipped } from "./finding.js";

/** A part of the examination, and what a person who waits for it is told. */
export interface Examination {
  readonly name: string;
  /** What to do if it cannot be looked at, in a sentence. */
  readonly remedy: string;
  findings(): Promise<Finding[]>;
}

const SET_IT = "Set it; README.md says how.";
const ACCOUNT = "Check ALLOTMENT_DATA_DIR, and run this as the account that the service runs as.";
const LOG = "Look at the database's own log.";

/** What is to be looked at, in the order in which one thing explains the next. Each look stands for itself. */
export function examinations(env: NodeJS.ProcessEnv): Examination[] {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map((problem) => failure("configuration", problem, SET_IT));
    const unseen = skipped("database", "Nothing else is looked at while the configuration cannot be read.");
    return [{ name: "configuration", remedy: SET_IT, findings: async () => [...problems, unseen] }];
  }
  const readable = ok("configuration", "Every variable can be read.");
  return [
    { name: "configuration", remedy: SET_IT, findings: async () => [readable] },
    {
      name: "data directory",
      remedy: ACCOUNT,
      findings: async () => [await checkDataDirectory(config.dataDirectory)],
    },
    { name: "disk", remedy: ACCOUNT, findings: () => lookAtDisks(config) },
    { name: "database", remedy: LOG, findings: () => lookAtDatabase(config) },
    { name: "Apple", remedy: "Check APPLE_BASE_URL, and the proxy.", findings: () => checkApple(config) },
  ];
}

/** One look, which keeps no other from being taken if it fails. */
export async function takeLook({ name, remedy, findings }: Examination): Promise<Finding[]> {
  try {
    return await findings();
  } catch (error) {
    return [failure(name, `It cannot be looked at: ${errorSentence(error)}`, remedy)];
  }
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
    session = await openSession(config, "doctor");
  } catch (error) {
    return [failure("database", `It is not reached: ${errorSentence(error)}`, remedyOf(config))];
  }
  if (session === null) {
    return [skipped("database", "The embedded one is not there yet: the service makes it at its first start.")];
  }
  try {
    return await lookInside(session, config);
  } catch (error) {
    return [failure("database", `It does not answer as it should: ${errorSentence(error)}`, LOG)];
  } finally {
    await session.close();
  }
}

async function lookInside({ client, place }: Session, config: Config): Promise<Finding[]> {
  const findings = await checkDatabase(client, place);
  const plugins = await checkPlugins(config);
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

function remedyOf({ databaseUrl, dataDirectory }: Config): string {
  if (databaseUrl === undefined) return `Look at ${dataDirectory}/postgres.log, and whether the disk is full.`;
  return "Check DATABASE_URL, whether the server runs, and whether this machine may reach it.";
}
