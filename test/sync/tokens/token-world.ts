import { pino } from "pino";
import {
  type AppleSimulator,
  type AppleSimulatorOptions,
  startAppleSimulator,
} from "../../../simulators/apple/start-apple-simulator.js";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { rows } from "../../../src/queries/sql.js";
import { createSecretBox } from "../../../src/secrets.js";
import { createAppleClient } from "../../../src/sync/apple/apple-client.js";
import type { Core, Policy } from "../../../src/sync/core.js";
import { createGuardedFetch } from "../../../src/sync/targets/guarded-fetch.js";
import { createTargetConnections } from "../../../src/sync/targets/target-connections.js";
import { addToken, prepareToken } from "../../../src/sync/tokens/add-token.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { watchLocation } from "../../../src/sync/tokens/watch-location.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase } from "../../support/database.js";
import { createMemoryEpochFile } from "../../support/memory-epoch-file.js";
import { DEFAULT_POLICY } from "../../support/policy.js";

/** A database, an Apple, and the Core between them: no API, no worker. */
export interface TokenWorld {
  readonly core: Core;
  readonly apple: AppleSimulator;
  /** Adds the simulator's token; nothing is read yet. */
  add(): Promise<{ tokenId: string; syncRunId: string }>;
  /** Asks for a run and works it off. @returns the run as it ended. */
  sync(tokenId: string, mode?: SyncMode): Promise<SyncRunRow>;
  read<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** One call to the simulator's control plane. */
  control(path: string, input: object): Promise<void>;
  stop(): Promise<void>;
}

export interface SyncRunRow {
  id: string;
  mode: string;
  state: string;
  attempts: number;
  rows_added: number;
  rows_changed: number;
  rows_ended: number;
  warnings: string[];
  error: string | null;
  ended_at: Date | null;
}

export interface TokenWorldOptions {
  readonly apple?: AppleSimulatorOptions;
  readonly policy?: Partial<Policy>;
  readonly timeScale?: number;
}

export async function createTokenWorld(options: TokenWorldOptions = {}): Promise<TokenWorld> {
  const database = await createTestDatabase();
  const apple = await startAppleSimulator({ apps: 12, licenses: 300, users: 10, assigned: 120, ...options.apple });
  const { dataSource } = database;
  const clock = createSystemClock(options.timeScale ?? 200);
  const log = pino({ level: "silent" });
  const secrets = createSecretBox([Buffer.alloc(32, 7)]);
  const plugins = new Map();
  const core: Core = {
    dataSource,
    clock,
    log,
    secrets,
    plugins,
    apple: createAppleClient({
      baseUrl: apple.baseUrl,
      dataSource,
      clock,
      log,
      onAnswer: (access, seen) => watch(access, seen),
    }),
    targets: createTargetConnections({ dataSource, plugins, secrets, clock, log, allowedHosts: [] }),
    webhooks: createGuardedFetch({ allowedHosts: [], maxResponseBytes: null, timeoutMs: 2_000 }),
    policy: { ...DEFAULT_POLICY, ...options.policy },
    epochFile: createMemoryEpochFile(),
    seenLocations: new Map(),
  };
  const watch = watchLocation(core);
  const read: TokenWorld["read"] = (text, parameters) => rows(dataSource, text, parameters);
  return {
    core,
    apple,
    read,
    async add() {
      const input = {
        file: apple.tokenFile,
        name: "Main",
        description: null,
        categories: [],
        contacts: [],
        replaceAccount: false,
      };
      const prepared = await prepareToken(core, input);
      return dataSource.transaction((tx) => addToken(tx, core, prepared));
    },
    async sync(tokenId, mode = SyncMode.FULL) {
      const id = await dataSource.transaction((tx) =>
        requestSync(tx, core, tokenId, { mode, trigger: SyncTrigger.MANUAL }),
      );
      await syncToken(core, { tokenId });
      const [run] = await read<SyncRunRow>("SELECT * FROM sync_run WHERE token_id = $1 AND id = $2", [tokenId, id]);
      if (!run) throw new Error("The run is gone");
      return run;
    },
    async control(path, input) {
      const answer = await fetch(`${apple.controlUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(input),
      });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    },
    async stop() {
      await core.apple.close();
      await core.targets.close();
      await core.webhooks.close();
      await apple.stop();
      await database.drop();
    },
  };
}
