import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import type { BenchPostgres } from "./database.js";
import { type EndedRun, lastRun, requestDelta } from "./ended-run.js";
import type { Options } from "./options.js";
import { startApple, startService } from "./processes.js";
import { secondsOf } from "./seconds-of.js";

/** Far above what anything here can send. */
const NO_LIMIT = 1_000_000;

/** An Apple and the service, each a process, and a database of the one PostgreSQL. */
export interface Scene {
  /** On the service's database. */
  readonly session: pg.Client;
  /** Adds the token; its first synchronisation is full. */
  addToken(): Promise<EndedRun>;
  /** A manual synchronisation is full. */
  syncFull(): Promise<EndedRun>;
  /** As when Apple has told of a change. */
  syncDelta(): Promise<EndedRun>;
  /** Changes something at Apple. */
  control(path: string, input: object): Promise<void>;
  /** Of the service, so far. */
  peakRssMiB(): Promise<number>;
  stop(): Promise<void>;
}

/** @param limited whether Apple's own limit of 15 requests a second stands, and is enforced. */
export async function createScene(
  postgres: BenchPostgres,
  name: string,
  options: Options,
  limited: boolean,
): Promise<Scene> {
  const tokenFile = join(postgres.directory, `${name}.token`);
  const apple = await startApple(options, tokenFile);
  const control = async (path: string, input: object) => {
    await post(`${apple.controlUrl}${path}`, {}, input);
  };
  await control("/switches", limited ? { enforceRate: true } : { limits: { maxRequestPerSecond: NO_LIMIT } });
  const databaseUrl = await postgres.createDatabase(name);
  const adminKey = randomBytes(24).toString("hex");
  const encryptionKey = randomBytes(32).toString("base64");
  const { directory } = postgres;
  const service = await startService({ directory, databaseUrl, appleUrl: apple.baseUrl, adminKey, encryptionKey });
  const session = new pg.Client({ connectionString: databaseUrl });
  await session.connect();

  const ask = async (query: string, variables: object) => {
    const authorization = `Bearer ${adminKey}`;
    const { errors } = await post(`${service.found[0]}/graphql`, { authorization }, { query, variables });
    if (errors) throw new Error(`The API refused: ${JSON.stringify(errors)}`);
  };
  const tokenId = async () => (await session.query<{ id: string }>("SELECT id FROM token")).rows[0]?.id ?? "";
  const measured = async (start: () => Promise<unknown>): Promise<EndedRun> => {
    await session.query("CHECKPOINT");
    let run: Omit<EndedRun, "seconds"> | undefined;
    const seconds = await secondsOf(async () => {
      await start();
      run = await lastRun(session);
    });
    if (!run) throw new Error("There was no run");
    return { seconds, ...run };
  };
  return {
    session,
    control,
    addToken: () =>
      measured(async () => {
        const file = await readFile(tokenFile, "utf8");
        await ask('mutation ($file: String!) { addToken(input: { file: $file, name: "Bench" }) { token { id } } }', {
          file,
        });
      }),
    syncFull: () =>
      measured(async () => {
        const token = encodeGlobalId("Token", await tokenId());
        await ask("mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }", { token });
      }),
    syncDelta: () => measured(async () => requestDelta(databaseUrl, await tokenId())),
    peakRssMiB: () => service.peakRssMiB(),
    async stop() {
      await session.end();
      await service.stop();
      await apple.stop();
    },
  };
}

async function post(url: string, headers: Record<string, string>, body: object): Promise<{ errors?: unknown }> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return (await answer.json()) as { errors?: unknown };
}
