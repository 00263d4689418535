import { rm } from "node:fs/promises";
import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { readConfig } from "../../src/config.js";
import { createDataSource } from "../../src/database.js";
import { rows } from "../../src/queries/sql.js";
import { type Service, startService } from "../../src/server.js";
import { type ApiClient, createApiClient } from "../support/api-client.js";
import { dataDirectoryOf } from "../support/database.js";
import { testEnvironment } from "../support/service.js";

/** A service on a database that outlives it. */
export interface Site {
  readonly api: ApiClient;
  stop(): Promise<void>;
}

/** @param dataDirectory that of the database, unless another one's is put beside it. */
export async function openSite(
  databaseUrl: string,
  apple: AppleSimulator,
  dataDirectory = dataDirectoryOf(databaseUrl),
): Promise<Site> {
  const environment = { ...testEnvironment(databaseUrl, apple.baseUrl), ALLOTMENT_DATA_DIR: dataDirectory };
  const service: Service = await startService(readConfig(environment));
  if (service.url === null) throw new Error("The service under test has no API");
  return { api: createApiClient(service.url, service.adminApiKey), stop: service.close };
}

/** The machine with the data directory is lost. */
export async function loseDataDirectory(databaseUrl: string): Promise<void> {
  await rm(dataDirectoryOf(databaseUrl), { recursive: true, force: true });
}

/** One statement on a database that no service runs on. */
export async function ask<Row>(databaseUrl: string, sql: string): Promise<Row[]> {
  const dataSource = await createDataSource(databaseUrl, 1).initialize();
  try {
    return await rows<Row>(dataSource, sql);
  } finally {
    await dataSource.destroy();
  }
}
