import { pino } from "pino";
import { z } from "zod";
import { definePlugin, type Plugin, type TargetConnection, type Webhook } from "../../../src/plugins/contract.js";
import { rows } from "../../../src/queries/sql.js";
import { createSecretBox } from "../../../src/secrets.js";
import { createAppleClient } from "../../../src/sync/apple/apple-client.js";
import type { Core, Policy } from "../../../src/sync/core.js";
import { addTarget, prepareTarget } from "../../../src/sync/targets/add-target.js";
import { createGuardedFetch } from "../../../src/sync/targets/guarded-fetch.js";
import { registerPlugins } from "../../../src/sync/targets/register-plugins.js";
import { createTargetConnections } from "../../../src/sync/targets/target-connections.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase } from "../../support/database.js";
import { createMemoryEpochFile } from "../../support/memory-epoch-file.js";
import { DEFAULT_POLICY } from "../../support/policy.js";

/** A database and a Core on it with the plugins under test: no API, no worker, no Apple. */
export interface TargetWorld {
  readonly core: Core;
  /** Adds a target through the verbs. @returns its id. */
  add(plugin: string, settings: Record<string, unknown>, name?: string): Promise<string>;
  read<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function createTargetWorld(
  plugins: readonly Plugin[],
  policy: Partial<Policy> = {},
): Promise<TargetWorld> {
  const { dataSource, drop } = await createTestDatabase();
  const clock = createSystemClock(200);
  const log = pino({ level: "silent" });
  const secrets = createSecretBox([Buffer.alloc(32, 7)]);
  const byName = registerPlugins(plugins);
  const core: Core = {
    dataSource,
    clock,
    log,
    secrets,
    plugins: byName,
    apple: createAppleClient({ baseUrl: "http://127.0.0.1:9", dataSource, clock, log }),
    targets: createTargetConnections({ dataSource, plugins: byName, secrets, clock, log, allowedHosts: null }),
    webhooks: createGuardedFetch({ allowedHosts: null, maxResponseBytes: null, timeoutMs: 2_000 }),
    policy: { ...DEFAULT_POLICY, ...policy },
    epochFile: createMemoryEpochFile(),
    seenLocations: new Map(),
  };
  return {
    core,
    read: (text, parameters) => rows(dataSource, text, parameters),
    async add(plugin, settings, name = "Main") {
      const prepared = await prepareTarget(core, { plugin, name, settings });
      return dataSource.transaction((tx) => addTarget(tx, core, prepared));
    },
    async stop() {
      await core.apple.close();
      await core.targets.close();
      await core.webhooks.close();
      await drop();
    },
  };
}

/** A plugin whose connection is what the test says, and that declares just this; its product calls us where it lists nothing. */
export function pluginWith(
  connection: Partial<TargetConnection>,
  overrides: Partial<Pick<Plugin, "name" | "licenseAuthority" | "needsPublicUrl">> = {},
): Plugin {
  const lists = connection.listHolders ? (["user", "device", "collection"] as const) : [];
  const webhook = connection.webhook ?? (connection.listHolders ? undefined : SILENT_WEBHOOK);
  return definePlugin({
    name: "scripted",
    contract: 1,
    displayName: "Scripted",
    settings: z.object({}),
    licenseAuthority: "service",
    abilities: {
      lists,
      applications: connection.ensureApplication !== undefined,
      polls: true,
      webhooks: webhook ? ["holders", "statuses"] : [],
      ...(connection.inquire ? { inquires: true } : {}),
      invites: connection.invite !== undefined,
      ...(connection.release ? { releases: true } : {}),
      network: false,
    },
    ...overrides,
    connect: () => ({
      check: async () => ({ ok: true, apns: { state: "valid", expiresAt: null }, findings: [] }),
      apply: async () => [],
      poll: async () => ({ statuses: [], followUps: [] }),
      ...(webhook ? { webhook } : {}),
      ...connection,
    }),
  });
}

const SILENT_WEBHOOK: Webhook = {
  verify: () => false,
  read: () => ({ users: [], devices: [], statuses: [], followUps: [] }),
};
