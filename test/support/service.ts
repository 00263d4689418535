import { join } from "node:path";
import type { AppleSimulator, AppleSimulatorOptions } from "../../simulators/apple/start-apple-simulator.js";
import { startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { readConfig } from "../../src/config.js";
import type { Plugin } from "../../src/plugins/contract.js";
import { type Service, startService } from "../../src/server.js";
import { type ApiClient, createApiClient } from "./api-client.js";
import { createTestDatabase, dataDirectoryOf, type TestDatabase } from "./database.js";

/** A whole Allotment on a database of its own, with its own Apple. */
export interface TestService {
  readonly api: ApiClient;
  readonly apple: AppleSimulator;
  readonly database: TestDatabase;
  readonly url: string;
  readonly adminApiKey: string;
  /** Another one on the same database, with a data directory of its own, as on another machine; it stops with this one. */
  replicate(): Promise<ApiClient>;
  stop(): Promise<void>;
}

export interface TestServiceOptions {
  readonly apple?: AppleSimulatorOptions;
  readonly plugins?: readonly Plugin[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a service needs to be told to run on a test's database and Apple, as quickly as it can. */
export function testEnvironment(databaseUrl: string, appleBaseUrl: string): Record<string, string> {
  return {
    PORT: "0",
    DATABASE_URL: databaseUrl,
    ALLOTMENT_DATA_DIR: dataDirectoryOf(databaseUrl),
    APPLE_BASE_URL: appleBaseUrl,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
    ADMIN_API_KEY: "test-admin-key-0123456789",
    TIME_SCALE: "100",
    LOG_LEVEL: "silent",
  };
}

export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const database = await createTestDatabase();
  const apple = await startAppleSimulator({ apps: 5, licenses: 50, ...options.apple });
  const environment = { ...testEnvironment(database.url, apple.baseUrl), ...options.environment };
  const start = (changed: Record<string, string> = {}): Promise<Service> =>
    startService(readConfig({ ...environment, ...changed }), { plugins: options.plugins ?? [] });
  const service = await start();
  if (service.url === null) throw new Error("The service under test has no API");
  const replicas: Service[] = [];
  return {
    api: createApiClient(service.url, service.adminApiKey),
    apple,
    database,
    url: service.url,
    adminApiKey: service.adminApiKey,
    replicate: async () => {
      const directory = join(dataDirectoryOf(database.url), `replica-${replicas.length}`);
      const replica = await start({ PORT: "0", ALLOTMENT_DATA_DIR: directory });
      replicas.push(replica);
      return createApiClient(replica.url ?? "", replica.adminApiKey);
    },
    stop: async () => {
      for (const replica of replicas) await replica.close();
      await service.close();
      await apple.stop();
      await database.drop();
    },
  };
}
