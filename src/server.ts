import "reflect-metadata";
import type { AddressInfo } from "node:net";
import pg from "pg";
import type { Config } from "./config.js";
import { type Database, openDatabase } from "./database.js";
import { createEpochFile } from "./epoch-file.js";
import { resolveSecrets } from "./generated-secrets.js";
import { createHttpServer } from "./http/create-http-server.js";
import { loadPlugins } from "./load-plugins.js";
import { createLogger } from "./logger.js";
import type { Plugin } from "./plugins/contract.js";
import { plugins as ownPlugins } from "./plugins/index.js";
import { resolvers } from "./resolvers/index.js";
import { buildSchema } from "./schema/build-schema.js";
import { createSecretBox } from "./secrets.js";
import { createAppleClient } from "./sync/apple/apple-client.js";
import type { Core } from "./sync/core.js";
import { createGuardedFetch } from "./sync/targets/guarded-fetch.js";
import { createBlame } from "./sync/targets/stray-errors.js";
import { createTargetConnections } from "./sync/targets/target-connections.js";
import { checkDatabase } from "./sync/tokens/claim/check-database.js";
import { watchLocation } from "./sync/tokens/watch-location.js";
import { openChangeFeed } from "./sync/watch/change-feed.js";
import { checkSubscriptions } from "./sync/watch/check-subscriptions.js";
import { startClock } from "./sync/watch/clock.js";
import { startWorker } from "./sync/worker.js";
import { createSystemClock } from "./system-clock.js";

/** Jobs that one process works on at once: of those that call targets, and as many others. */
const WORKER_CONCURRENCY = 10;

/** Who takes a webhook has so long to say so, in real time: what it does then, it does later. */
const WEBHOOK_TIMEOUT_MS = 15_000;

type Closer = () => Promise<unknown>;

/** A running Allotment. */
export interface Service {
  /** Where it is reached; null without the role `api`. */
  readonly url: string | null;
  readonly adminApiKey: string;
  /** Whether an error that nobody has caught was a plugin's, and so is nobody else's matter. */
  blame(error: unknown): boolean;
  /** Stops taking requests, lets running jobs finish, closes the database. */
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** Plugins beside ours and those that the configuration names. */
  readonly plugins?: readonly Plugin[];
  /** Called if the service cannot go on. */
  readonly onLost?: (error: Error) => void;
}

/** Starts everything, in the order in which one needs the other; what was started is stopped if a later part cannot start. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const closers: Closer[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const plugins = await loadPlugins(config.plugins, options.plugins);
    const secrets = await resolveSecrets(config);
    const database = await openDatabase({ ...config, ...(options.onLost ? { onLost: options.onLost } : {}) });
    closers.push(database.close);
    const core = createCore(config, database, plugins, secrets.encryptionKeys);
    core.log.info(
      { plugins: [...plugins.keys()], fromOutside: config.plugins },
      "Targets of these plugins may be added",
    );
    closers.push(core.apple.close, core.targets.close, core.webhooks.close);
    await checkDatabase(core);
    if (config.roles.has("worker")) await startWork(core, config, database, closers);
    const url = config.roles.has("api") ? await serve(core, config, database, secrets.adminApiKey, closers) : null;
    // Not before we listen: Apple tries the address.
    if (config.roles.has("worker")) await checkSubscriptions(core);
    return { url, adminApiKey: secrets.adminApiKey, blame: createBlame(core), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createCore(
  config: Config,
  { dataSource }: Database,
  plugins: ReadonlyMap<string, Plugin>,
  encryptionKeys: readonly Uint8Array[],
): Core {
  const clock = createSystemClock(config.timeScale);
  const log = createLogger(config.logLevel);
  const secrets = createSecretBox(encryptionKeys);
  const allowedHosts = config.targetHosts === "any" ? null : config.targetHosts;
  const foreign = new Set(
    [...plugins.values()].filter((plugin) => !ownPlugins.includes(plugin)).map(({ name }) => name),
  );
  const core: Core = {
    dataSource,
    clock,
    log,
    secrets,
    plugins,
    apple: createAppleClient({
      baseUrl: config.appleBaseUrl,
      proxy: config.proxy,
      dataSource,
      clock,
      log,
      onAnswer: (access, seen) => watch(access, seen),
    }),
    targets: createTargetConnections({ dataSource, plugins, foreign, secrets, clock, log, allowedHosts }),
    webhooks: createGuardedFetch({ allowedHosts, maxResponseBytes: null, timeoutMs: WEBHOOK_TIMEOUT_MS }),
    policy: {
      tokenLimit: config.tokenLimit,
      allowEducation: config.allowEducation,
      fullSyncDays: config.fullSyncDays,
      syncCron: config.syncCron,
      expiryWarningDays: config.expiryWarningDays,
      auditDays: config.auditDays,
      publicUrl: config.publicUrl ?? null,
    },
    epochFile: createEpochFile(config.dataDirectory, log),
    seenLocations: new Map(),
  };
  const watch = watchLocation(core);
  return core;
}

async function startWork(core: Core, config: Config, database: Database, closers: Closer[]): Promise<void> {
  const pool = new pg.Pool({
    connectionString: database.url,
    // Two listen for jobs, and one shows that the process lives.
    max: WORKER_CONCURRENCY + 3,
    application_name: "allotment worker",
    keepAlive: true,
  });
  const sessionLost = (error: Error) => {
    if (!pool.ending) core.log.error({ error }, "The worker has lost a database session");
  };
  pool.on("error", sessionLost);
  pool.on("connect", (client) => client.on("error", sessionLost));
  closers.push(() => pool.end());
  const worker = await startWorker(core, { pool, concurrency: WORKER_CONCURRENCY });
  closers.push(worker.stop);
  const clock = await startClock(core, config);
  closers.push(clock.stop);
}

async function serve(
  core: Core,
  config: Config,
  database: Database,
  adminApiKey: string,
  closers: Closer[],
): Promise<string> {
  const changes = await openChangeFeed({ url: database.url, log: core.log });
  closers.push(changes.close);
  const server = await createHttpServer({
    core,
    changes,
    schema: buildSchema(resolvers),
    adminApiKey,
    oidc: config.oidc,
    trustedProxies: config.trustedProxies,
    fastPath: config.fastPath,
    limits: config.limits,
    persisted: config.persisted,
    corsOrigins: config.corsOrigins,
  });
  closers.push(() => server.close());
  await server.listen({ host: config.host, port: config.port });
  const { port } = server.server.address() as AddressInfo;
  return `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
}
