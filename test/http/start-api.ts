import { randomUUID } from "node:crypto";
import type { AddressInfo, Server } from "node:net";
import type { DataSource } from "typeorm";
import { z } from "zod";
import { createHttpServer, type HttpServerOptions } from "../../src/http/create-http-server.js";
import { DEFAULT_LIMITS, type Limits } from "../../src/http/limits/limits.js";
import { createLogger } from "../../src/logger.js";
import { definePlugin, type Plugin, secret } from "../../src/plugins/contract.js";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import { createSecretBox } from "../../src/secrets.js";
import type { Core } from "../../src/sync/core.js";
import { type ChangeFeed, openChangeFeed } from "../../src/sync/watch/change-feed.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";
import { DEFAULT_POLICY } from "../support/policy.js";

export const API_KEY = "the-key-of-these-tests";

/** For what asks for everything there is. */
export const WITHOUT_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  depth: Number.POSITIVE_INFINITY,
  cost: Number.POSITIVE_INFINITY,
  aliases: Number.POSITIVE_INFINITY,
  fields: Number.POSITIVE_INFINITY,
  documentTokens: Number.POSITIVE_INFINITY,
  requestsPerMinute: null,
};

const AS_OFTEN_AS_WANTED: Limits = { ...DEFAULT_LIMITS, requestsPerMinute: null };

interface GraphqlError {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly details: Readonly<Record<string, unknown>> };
}

export interface Answer {
  readonly status: number;
  /** Untyped JSON: what a test expects of it is the test. */
  readonly data: unknown;
  readonly errors: readonly GraphqlError[];
}

/** The API over real HTTP, on a database of its own, with nothing else behind it. */
export interface TestApi {
  readonly url: string;
  readonly server: Server;
  readonly core: Core;
  readonly changes: ChangeFeed;
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  /** What the service has logged, one JSON text an entry. */
  readonly log: readonly string[];
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

type ApiOptions = { readonly host?: string } & Pick<
  HttpServerOptions,
  "oidc" | "trustedProxies" | "limits" | "persisted" | "corsOrigins" | "fastPath" | "patience"
>;

/** @param shared the database of another replica, which drops it. */
export async function startApi(
  shared?: TestDatabase,
  { host = "127.0.0.1", ...options }: ApiOptions = {},
): Promise<TestApi> {
  const database = shared ?? (await createTestDatabase());
  const log: string[] = [];
  const core = createCore(database.dataSource, log);
  const changes = await openChangeFeed({ url: database.url, log: core.log });
  const http = await createHttpServer({
    core,
    changes,
    schema: buildSchema(resolvers),
    adminApiKey: API_KEY,
    limits: AS_OFTEN_AS_WANTED,
    ...options,
  });
  await http.listen({ port: 0, host });
  const url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
  return {
    url,
    server: http.server,
    core,
    changes,
    database,
    dataSource: database.dataSource,
    log,
    ask: (query, variables = {}, headers = { authorization: `Bearer ${API_KEY}` }) =>
      post(`${url}/graphql`, { query, variables }, headers),
    async close() {
      await http.close();
      await changes.close();
      if (!shared) await database.drop();
    },
  };
}

async function post(url: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<Answer>;
  return { status: response.status, data, errors };
}

function createCore(dataSource: DataSource, log: string[]): Core {
  return {
    dataSource,
    clock: {
      now: () => new Date(),
      scaled: (durationMs) => durationMs,
      in: (durationMs) => new Date(Date.now() + durationMs),
      random: Math.random,
      uuid: randomUUID,
    },
    secrets: createSecretBox([new Uint8Array(32).fill(7)]),
    apple: unreachable("Apple"),
    plugins: new Map([[samplePlugin.name, samplePlugin]]),
    targets: unreachable("a target"),
    webhooks: unreachable("a webhook"),
    policy: { ...DEFAULT_POLICY, publicUrl: "https://allotment.example.com" },
    epochFile: { read: async () => null, write: async () => undefined },
    seenLocations: new Map(),
    log: createLogger("info", { write: (line) => void log.push(line) }),
  };
}

const samplePlugin: Plugin = definePlugin({
  name: "sample",
  contract: 1,
  displayName: "Sample MDM",
  settings: z.object({ url: z.url(), password: secret() }),
  licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: ["holders"], network: true },
  connect: () => {
    throw new Error("These tests connect to nothing.");
  },
});

/** What these tests must not call: reading never leaves the house. */
function unreachable<Outside extends object>(name: string): Outside {
  return new Proxy({} as Outside, {
    get() {
      throw new Error(`These tests do not reach ${name}.`);
    },
  });
}
