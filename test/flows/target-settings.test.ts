import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { testEnvironment } from "../support/service.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";

const PASSWORD = 'correct "horse" & battery';
const KEYS = ["staple-key-one", "staple-key-two"];
const PIN = "7041-8823";
const NEW_PASSWORD = "a-better-password";
/** What no log, answer or row may hold: part of each secret, in whatever form it is written. */
const SECRET = /battery|staple-key|7041-8823|a-better-password|YmF0dGVye|better%2Dpassword/;

/** Two replicas on one database, and all that either has logged or answered. */
let database: TestDatabase;
let one: ServiceProcess;
let other: ServiceProcess;
const logged: string[] = [];
const answered: string[] = [];
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  stops.push(database.drop);
  const apple = await startAppleSimulator({ apps: 1, licenses: 1 });
  stops.push(apple.stop);
  const environment = {
    ...testEnvironment(database.url, apple.baseUrl),
    LOG_LEVEL: "debug",
    ALLOTMENT_PLUGINS: "./test/support/plugins/blabbermouth.ts",
  };
  [one, other] = (await Promise.all(
    [1, 2].map(() => startServiceProcess(environment, { onLog: (line) => logged.push(line) })),
  )) as [ServiceProcess, ServiceProcess];
  stops.push(one.kill, other.kill);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** Asks, and keeps what was answered, whatever it is. */
async function ask<Data>(
  replica: ServiceProcess,
  operation: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  const { data, errors } = await replica.api.send<Data>(operation, variables);
  answered.push(JSON.stringify({ data, errors }));
  if (errors.length > 0) throw Object.assign(new Error(JSON.stringify(errors)), { errors });
  return data as Data;
}

const SHOWN = "id settings secretSettings findings { code message } circuit { lastError } importError";
interface Shown {
  readonly id: string;
  readonly settings: Record<string, unknown>;
  readonly secretSettings: string[];
  readonly findings: { code: string; message: string }[];
  readonly importError: string | null;
}

const add = async (settings: Record<string, unknown>, name: string, idempotencyKey: string | null = null) =>
  (
    await ask<{ addTarget: { target: Shown } }>(
      one,
      `mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { ${SHOWN} } } }`,
      { input: { plugin: "blabbermouth", name, settings, idempotencyKey } },
    )
  ).addTarget.target;
const update = async (
  replica: ServiceProcess,
  target: string,
  settings: Record<string, unknown>,
  idempotencyKey: string | null = null,
) =>
  (
    await ask<{ updateTarget: { target: Shown } }>(
      replica,
      `mutation ($input: UpdateTargetInput!) { updateTarget(input: $input) { target { ${SHOWN} } } }`,
      { input: { target, settings, idempotencyKey } },
    )
  ).updateTarget.target;
const check = async (replica: ServiceProcess, target: string) =>
  (
    await ask<{ checkTarget: { target: Shown } }>(
      replica,
      `mutation ($target: ID!) { checkTarget(input: { target: $target }) { target { ${SHOWN} } } }`,
      { target },
    )
  ).checkTarget.target;

const given = { password: PASSWORD, keys: KEYS, login: { user: "ada", pin: PIN } };
/** By which the plugin shows what it was connected with. */
const proofOf = (password: string) =>
  createHash("sha256").update(`${password}, ${KEYS.join()} and ${PIN}`).digest("hex");
const finding = ({ findings }: Shown, code: string) => findings.find((found) => found.code === code)?.message;

/** Every row of every table, as text. */
async function everythingStored(): Promise<string> {
  const tables: { name: string }[] = await database.dataSource.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) =>
      database.dataSource.query(`SELECT string_agg(row::text, E'\\n') AS text FROM ${name} row`),
    ),
  );
  return texts.map(([found]) => found?.text ?? "").join("\n");
}

describe("the settings of a target", () => {
  test("are described well enough to draw a form", async () => {
    const { plugins } = await ask<{ plugins: { name: string; settingsSchema: unknown }[] }>(
      one,
      "query { plugins { name settingsSchema } }",
      {},
    );
    expect(plugins.find(({ name }) => name === "blabbermouth")?.settingsSchema).toMatchObject({
      type: "object",
      additionalProperties: false,
      required: ["password", "login"],
      properties: {
        greeting: { title: "Greeting", description: "What it says first.", type: "string", default: "hello" },
        password: { title: "Password", type: "string", secret: true, writeOnly: true },
        keys: { title: "Keys", type: "array", items: { secret: true }, secret: true, writeOnly: true },
        login: { title: "Login", type: "object", secret: true, writeOnly: true },
        fails: { title: "Fails", enum: ["never", "as it may", "as it may not", "with a text"], default: "never" },
      },
    });
  });

  test("are shown without the secret ones, of which only the names are told", async () => {
    const target = await add({ ...given, greeting: "hi" }, "Shown", "key-1");
    expect(target).toMatchObject({ settings: { greeting: "hi" }, secretSettings: ["keys", "login", "password"] });
    expect(finding(target, "PROOF")).toBe(proofOf(PASSWORD));
  });

  test("change one by one, and the secrets that are not given again stay", async () => {
    const { id } = await add(given, "Partly changed");
    const greeted = await update(one, id, { greeting: "good day" }, "key-2");
    expect(greeted.settings).toEqual({ greeting: "good day" });
    expect(finding(greeted, "PROOF")).toBe(proofOf(PASSWORD));
    const changed = await update(one, id, { password: NEW_PASSWORD });
    expect(changed.settings).toEqual({ greeting: "good day" });
    expect(finding(changed, "PROOF")).toBe(proofOf(NEW_PASSWORD));
  });

  test("that a replica has changed are used by every other one at once", async () => {
    const { id } = await add(given, "Of two replicas");
    for (const [greeting, writer, reader] of [
      ["first", one, other],
      ["second", other, one],
      ["third", one, other],
    ] as const) {
      await check(reader, id);
      await update(writer, id, { greeting });
      expect(finding(await check(reader, id), "GREETING")).toBe(greeting);
    }
    await update(other, id, { password: NEW_PASSWORD });
    expect(finding(await check(one, id), "PROOF")).toBe(proofOf(NEW_PASSWORD));
  });

  test.each([
    ["the plugin refuses as it may", { ...given, fails: "as it may" }, "TARGET_REJECTED"],
    ["the plugin breaks", { ...given, fails: "as it may not" }, "INTERNAL"],
    ["the plugin throws a text", { ...given, fails: "with a text" }, "INTERNAL"],
    ["they do not fit", { ...given, greeting: 7, keys: PASSWORD, pasword: PASSWORD }, "INVALID_INPUT"],
    ["a secret is no text", { ...given, login: { user: "ada", pin: { of: PIN } } }, "INVALID_INPUT"],
    ["one is missing", { password: PASSWORD }, "INVALID_INPUT"],
  ])("are told in no error, where %s", async (_, settings, code) => {
    await expect(add(settings, `Refused: ${code} ${_}`, `key ${_}`)).rejects.toMatchObject({
      errors: [{ extensions: { code } }],
    });
    const { id } = await add(given, `Unchanged: ${_}`);
    await expect(update(one, id, { ...settings, login: null })).rejects.toThrow();
  });

  test("are told in no error of GraphQL itself", async () => {
    await expect(
      ask(
        one,
        `mutation { addTarget(input: { plugin: "blabbermouth", name: "x", settings: "${PIN}" }) { target { id } } }`,
        {},
      ),
    ).rejects.toThrow();
    await expect(
      ask(one, "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }", {
        input: { plugin: "blabbermouth", name: "x", settings: PASSWORD },
      }),
    ).rejects.toThrow();
  });

  test("are told by no import that fails", async () => {
    const { id } = await add(given, "Imported");
    await ask(one, "mutation ($id: ID!) { importHolders(input: { target: $id }) { target { id } } }", { id });
    await eventually(async () => {
      const { target } = await ask<{ target: Shown }>(one, `query ($id: ID!) { target(id: $id) { ${SHOWN} } }`, { id });
      return target.importError;
    });
  });

  test("lie in no row, no log and no answer in a form that anyone can read", async () => {
    expect(logged.join("\n")).toContain("connects with (hidden)");
    expect(answered.join("\n")).toContain("It took (hidden)");
    const stored = await everythingStored();
    expect(stored).toContain("good day");
    expect(stored.length).toBeGreaterThan(1_000);
    for (const text of [stored, ...logged, ...answered]) expect(text).not.toMatch(SECRET);
  });
});
