import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { BenchPostgres } from "./postgres.js";
import { type AppleSizes, startApple, startService } from "./processes.js";

/** An Apple and the service, each a process, and a database of the one PostgreSQL. */
export interface Setting {
  readonly databaseUrl: string;
  /** On the service's database. */
  readonly session: pg.Client;
  /** Asks the API. @throws Error with what it answered, if that is errors. */
  ask<Data>(query: string, variables: object): Promise<Data>;
  /** Adds the token that the simulated Apple has issued. */
  addToken(): Promise<void>;
  /** Asks Apple's control plane: with an input a change, without one its state. */
  control<Answer>(path: string, input?: object): Promise<Answer>;
  /** The most memory the service has held so far. */
  peakRssMiB(): Promise<number>;
  /** The processors' time of the service so far. */
  serviceCpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export async function createSetting(postgres: BenchPostgres, name: string, sizes: AppleSizes): Promise<Setting> {
  const { directory } = postgres;
  const tokenFile = join(directory, `${name}.token`);
  const apple = await startApple(sizes, tokenFile);
  const databaseUrl = await postgres.createDatabase(name);
  const adminKey = randomBytes(24).toString("hex");
  const encryptionKey = randomBytes(32).toString("base64");
  const service = await startService({ directory, databaseUrl, appleUrl: apple.baseUrl, adminKey, encryptionKey });
  const session = new pg.Client({ connectionString: databaseUrl });
  await session.connect();

  const ask = async <Data>(query: string, variables: object): Promise<Data> => {
    const authorization = `Bearer ${adminKey}`;
    const answer = await post<{ data: Data; errors?: unknown }>(
      `${service.found[0]}/graphql`,
      { authorization },
      { query, variables },
    );
    if (answer.errors) throw new Error(`The API refused: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  return {
    databaseUrl,
    session,
    ask,
    async addToken() {
      const file = await readFile(tokenFile, "utf8");
      await ask('mutation ($file: String!) { addToken(input: { file: $file, name: "Bench" }) { token { id } } }', {
        file,
      });
    },
    control: (path, input) =>
      input ? post(`${apple.controlUrl}${path}`, {}, input) : readJson(fetch(`${apple.controlUrl}${path}`)),
    peakRssMiB: () => service.peakRssMiB(),
    serviceCpuSeconds: () => service.cpuSeconds(),
    async stop() {
      await session.end();
      await service.stop();
      await apple.stop();
    },
  };
}

function post<Answer>(url: string, headers: Record<string, string>, body: object): Promise<Answer> {
  return readJson(
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );
}

async function readJson<Answer>(asked: Promise<Response>): Promise<Answer> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`${answer.url}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
