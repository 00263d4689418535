import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
// @ts-expect-error It has no types. It is the path of its program for this machine.
import compiler from "relay-compiler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import type { StoreApp } from "../../../src/entities/store-app.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";

const SCREENS = fileURLToPath(new URL("relay-screens/screens.js", import.meta.url));
const SCHEMA = fileURLToPath(new URL("../../../src/schema/schema.graphql", import.meta.url));

let api: TestApi;
let app: StoreApp;
let project: string;
beforeAll(async () => {
  api = await startApi();
  const rows = new SampleRows(api.dataSource);
  app = await rows.storeApp(await rows.token());
  for (let at = 0; at < 3; at += 1) await rows.license(app, { deviceId: (await rows.device()).id });
  project = await mkdtemp(join(tmpdir(), "relay-"));
  await mkdir(join(project, "src"));
  await cp(SCREENS, join(project, "src/screens.js"));
  await cp(SCHEMA, join(project, "schema.graphql"));
  await compile();
}, 60_000);
afterAll(async () => {
  await rm(project, { recursive: true, force: true });
  await api.close();
});

/** @throws what the compiler says. */
async function compile(): Promise<void> {
  const config = { src: "./src", schema: "./schema.graphql", language: "javascript", artifactDirectory: "./compiled" };
  await mkdir(join(project, "compiled"), { recursive: true });
  await writeFile(join(project, "relay.config.json"), JSON.stringify(config));
  await promisify(execFile)(compiler, ["relay.config.json"], { cwd: project });
}

/** The document that Relay sends for an operation. */
async function documentOf(name: string): Promise<string> {
  const artifact = await readFile(join(project, `compiled/${name}.graphql.js`), "utf8");
  const text = /"text": (".*")/.exec(artifact)?.[1];
  if (!text) throw new Error(`${name} has no document`);
  return JSON.parse(text) as string;
}

async function send(name: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { data, errors } = await api.ask(await documentOf(name), variables);
  expect(errors).toEqual([]);
  return data;
}

describe("Relay's compiler takes the schema", () => {
  test("and makes an operation of every fragment that can be fetched again, and of every page", async () => {
    const made = (await readdir(join(project, "compiled"))).filter((name) =>
      /(Query|Mutation|Subscription)\./.test(name),
    );
    expect(made.map((name) => name.replace(".graphql.js", "")).sort()).toEqual([
      "screensAppQuery",
      "screensAppsPaginationQuery",
      "screensAppsQuery",
      "screensLicensesPaginationQuery",
      "screensManyQuery",
      "screensNameTokenMutation",
      "screensTokenQuery",
      "screensTokensSubscription",
    ]);
  });

  test("and refuses a field that there is not", async () => {
    const wrong =
      "import { graphql } from 'relay-runtime';\ngraphql`query wrongQuery { tokens { nodes { nothing } } }`;";
    await writeFile(join(project, "src/wrong.js"), wrong);
    await expect(compile()).rejects.toThrow("nothing");
    await rm(join(project, "src/wrong.js"));
  });
});

describe("what it has compiled is answered", () => {
  test("an object is fetched again by its id", async () => {
    expect(await send("screensAppQuery", { id: app.globalId })).toMatchObject({
      node: { __typename: "StoreApp", name: "Sample app", token: { name: "Sample token" } },
    });
    const id = encodeGlobalId("Token", app.tokenId);
    expect(await send("screensTokenQuery", { id })).toMatchObject({ node: { name: "Sample token", id } });
  });

  test("pages of an object follow one another", async () => {
    interface Page {
      readonly node: {
        readonly licenses: {
          readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
          readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
        };
      };
    }
    const pageAfter = async (cursor: string | null) =>
      ((await send("screensLicensesPaginationQuery", { id: app.globalId, count: 2, cursor })) as Page).node.licenses;
    const first = await pageAfter(null);
    const second = await pageAfter(first.pageInfo.endCursor);
    expect([first.edges.length, first.pageInfo.hasNextPage]).toEqual([2, true]);
    expect([second.edges.length, second.pageInfo.hasNextPage]).toEqual([1, false]);
    const ids = [...first.edges, ...second.edges].map(({ node }) => node.id);
    expect(new Set(ids).size).toBe(3);
  });

  test("a page from the end, and objects of several types at once", async () => {
    expect(await send("screensAppsPaginationQuery", { last: 2, before: null })).toMatchObject({
      storeApps: { totalCount: 1, edges: [{ node: { id: app.globalId, name: "Sample app" } }] },
    });
    expect(await send("screensManyQuery", { ids: [app.globalId, "unknown"] })).toEqual({
      nodes: [{ __typename: "StoreApp", id: app.globalId }, null],
    });
  });
});
