import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@urql/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { pipe, subscribe, toAsyncIterable } from "wonka";
import { WebSocket } from "ws";
import { createClient } from "../../examples/app-list/src/create-client.js";
import { AppsChangedDocument, AppsDocument, type AppsQuery } from "../../examples/app-list/src/gql/graphql.js";
import { generateTypes } from "../../examples/generate-types.js";
import { addTarget, addToken, apps, devices, importHolders } from "../flows/story.js";
import { AwayWebSocket } from "../support/fake-web-socket.js";
import { startTestService, type TestService } from "../support/service.js";

const ROOT = fileURLToPath(new URL("../../examples/app-list", import.meta.url));

describe("the app list of a front-end team", () => {
  let service: TestService;
  let token: string;
  beforeAll(async () => {
    service = await startTestService({ apple: { apps: 5, licenses: 60 } });
    token = await addToken(service.api, service.apple.tokenFile);
    await importHolders(service.api, await addTarget(service.api, "mock", { world: "app-list", seed: 3, userless: 1 }));
  });
  afterAll(() => service.stop());

  const connect = (key = service.adminApiKey): Client =>
    createClient({ url: `${service.url}/graphql`, key, webSocket: WebSocket });

  async function page(client: Client, after: string | null): Promise<AppsQuery["storeApps"]> {
    const { data, error } = await client.query(AppsDocument, { first: 2, after }).toPromise();
    if (!data) throw error ?? new Error("There is no page");
    return data.storeApps;
  }

  it("has a first page, and with the next page all of both", async () => {
    const client = connect();
    const expected = (await apps(service.api, token)).map(({ name }) => name).sort();
    const first = await page(client, null);
    expect(first.nodes.map(({ name }) => name)).toEqual(expected.slice(0, 2));
    const both = await page(client, first.pageInfo.endCursor);
    expect(both.nodes.map(({ name }) => name)).toEqual(expected.slice(0, 4));
    expect(both.pageInfo.hasNextPage).toBe(true);
  });

  it("shows a licence that is taken while it looks", async () => {
    const client = connect();
    const { nodes } = await page(client, null);
    const [app] = nodes;
    if (!app) throw new Error("There is no app");
    const ids = nodes.map(({ id }) => id);
    const { unsubscribe } = pipe(
      client.subscription(AppsChangedDocument, { ids }),
      subscribe(() => undefined),
    );
    onTestFinished(unsubscribe);
    const shown = pipe(client.query(AppsDocument, { first: 2, after: null }), toAsyncIterable);
    await assign(app.id);
    for await (const { data } of shown) {
      const seen = data?.storeApps.nodes.find(({ id }) => id === app.id);
      if (seen?.heldCount === app.heldCount + 1 && seen.freeCount === (app.freeCount ?? 0) - 1) break;
    }
  });

  it("is told what is wrong with a key", async () => {
    const { error } = await connect("not-a-key-of-this-service").query(AppsDocument, { first: 2 }).toPromise();
    expect(error?.graphQLErrors[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  it("is told that its key was revoked while it looks", async () => {
    const { createApiKey } = await service.api.ask<{ createApiKey: { key: string; apiKey: { id: string } } }>(
      'mutation { createApiKey(input: { name: "App list", role: VIEWER }) { key apiKey { id } } }',
    );
    const client = connect(createApiKey.key);
    const [app] = (await page(client, null)).nodes;
    const told = pipe(client.subscription(AppsChangedDocument, { ids: [app?.id ?? ""] }), toAsyncIterable);
    let revoked = false;
    for await (const { error } of told) {
      if (!revoked) {
        const mutation = "mutation ($apiKey: ID!) { revokeApiKey(input: { apiKey: $apiKey }) { apiKey { id } } }";
        await service.api.ask(mutation, { apiKey: createApiKey.apiKey.id });
        revoked = true;
      }
      if (!error) continue;
      expect(error.graphQLErrors[0]?.extensions.code).toBe("UNAUTHENTICATED");
      break;
    }
  });

  async function assign(storeApp: string): Promise<void> {
    const [device] = (await devices(service.api)).map(({ id }) => id);
    const mutation = "mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) { claimedCount } }";
    await service.api.ask(mutation, { input: { storeApp, devices: [device] } });
  }
});

it("is connected again soon after the service is back, however long that was away", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const client = createClient({ url: "http://127.0.0.1:1/graphql", key: "a key", webSocket: AwayWebSocket });
  const { unsubscribe } = pipe(
    client.subscription(AppsChangedDocument, { ids: [] }),
    subscribe(() => undefined),
  );
  const minuteMs = 60_000;
  await vi.advanceTimersByTimeAsync(50 * minuteMs);
  AwayWebSocket.attempts = [];
  await vi.advanceTimersByTimeAsync(minuteMs);
  unsubscribe();
  expect(AwayWebSocket.attempts.length).toBeGreaterThan(2);
});

it("has the types that the schema and its operations give; `npm run schema` writes them", async () => {
  for (const { path, text } of await generateTypes()) expect(await readFile(path, "utf8")).toBe(text);
});

it("names the versions that it is checked with here", async () => {
  const [own, ours] = await Promise.all([packageOf(ROOT), packageOf(join(ROOT, "../.."))]);
  const checked = { ...ours.dependencies, ...ours.devDependencies };
  const theirs = Object.entries({ ...own.dependencies, ...own.devDependencies });
  const unlike = theirs.filter(([name, version]) => checked[name] !== undefined && checked[name] !== version);
  expect(unlike.filter(([name, version]) => checked[name] !== `~${version}`)).toEqual([]);
});

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function packageOf(directory: string): Promise<Package> {
  return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Package;
}
