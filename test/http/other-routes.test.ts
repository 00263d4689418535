import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import { parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createHttpServer } from "../../src/http/create-http-server.js";
import { playgroundExamples } from "../../src/http/playground-examples.js";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import type { Core } from "../../src/sync/core.js";
import { SampleRows } from "./sample-rows.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe("the Playground", () => {
  const load = async () => {
    const response = await fetch(`${api.url}/playground`);
    return { response, html: await response.text() };
  };

  test("is one page without a key that loads nothing else", async () => {
    const { response, html } = await load();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    const markup = html.replace(/<script>[\s\S]*?<\/script>/g, "").replace(/<style>[\s\S]*?<\/style>/g, "");
    expect(markup).toContain('<div id="root">');
    expect(markup).not.toMatch(/<(script|link|img|iframe)[^>]*(src|href)=["']?(https?:)?\/\//i);
    expect(html).not.toMatch(/<script[^>]+src=/i);
    expect(html).not.toMatch(/url\(\s*["']?https?:|@import|unpkg\.com|jsdelivr|cdnjs|googleapis/i);
  });

  test.each(["/playground", "/report"])(
    "at %s runs by its own rule no script but its own, and reaches no host but this one",
    async (path) => {
      const policy = (await fetch(`${api.url}${path}`)).headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("connect-src 'self'");
      expect(policy).toMatch(/script-src ('sha256-[\w+/=]+' ?)+;/);
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    },
  );

  test("has a report that takes no style but its own either", async () => {
    const policy = (await fetch(`${api.url}/report`)).headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/style-src 'sha256-[\w+/=]+'(;|$)/);
    expect(policy).not.toContain("unsafe-inline");
  });

  test("comes packed for whoever can unpack it, and plain for others", async () => {
    const sizes = await Promise.all(
      ["gzip", "identity"].map(async (encoding) => {
        const response = await fetch(`${api.url}/report`, { headers: { "accept-encoding": encoding } });
        return [response.headers.get("content-encoding"), await response.text()];
      }),
    );
    expect(sizes.map(([encoding]) => encoding)).toEqual(["gzip", null]);
    expect(sizes[0]?.[1]).toBe(sizes[1]?.[1]);
  });

  test.each(
    playgroundExamples.map(({ query, variables }) => [
      /(query|mutation|subscription) \w+/.exec(query)?.[0],
      query,
      variables,
    ]),
  )("has an example that fits the schema, with all its variables: %s", (_, query, variables) => {
    const document = parse(query as string);
    expect(validate(buildSchema(resolvers), document)).toEqual([]);
    const declared = document.definitions.flatMap((definition) =>
      "variableDefinitions" in definition ? (definition.variableDefinitions ?? []) : [],
    );
    expect(declared.map(({ variable }) => variable.name.value)).toEqual(Object.keys(variables ?? {}));
  });
});

describe("health", () => {
  test("is told without a key", async () => {
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
  });

  test("is not ready while the database does not answer, and alive all the same", async () => {
    const query = vi.spyOn(api.dataSource, "query").mockRejectedValue(new Error("away"));
    const [ready, live] = await Promise.all([fetch(`${api.url}/health/ready`), fetch(`${api.url}/health/live`)]);
    query.mockRestore();
    expect([ready.status, live.status]).toEqual([503, 200]);
  });
});

describe("a target's webhook", () => {
  const call = (id: string) =>
    fetch(`${api.url}/targets/${id}/webhook`, {
      method: "POST",
      body: "<plist/>",
      headers: { "content-type": "text/xml" },
    });

  test.each(["00000000-0000-4000-8000-000000000000", "hello"])(
    "is 404 for a target that is not there: %s",
    async (id) => {
      const response = await call(id);
      expect([response.status, await response.json()]).toMatchObject([
        404,
        { errors: [{ extensions: { code: "NOT_FOUND" } }] },
      ]);
    },
  );

  test("is 404 before its body is read, where there is no such target", async () => {
    const { hostname, port } = new URL(api.url);
    const caller = connect(Number(port), hostname);
    caller.write(
      `POST /targets/${randomUUID()}/webhook HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 4000000\r\n\r\n`,
    );
    const [head] = await once(caller, "data");
    expect(String(head)).toMatch(/^HTTP\/1.1 404 /);
    caller.destroy();
  });

  test("saves the very bytes that a product sent, once its plugin has verified them, and answers 401 otherwise", async () => {
    const target = await new SampleRows(api.dataSource).target();
    const seen: Uint8Array[] = [];
    let genuine = true;
    const webhook = {
      verify: ({ body }: { body: Uint8Array }) => {
        seen.push(body);
        return genuine;
      },
    };
    const targets = {
      use: async (_id: string, _deadlineMs: number, call: (connection: unknown) => unknown) => call({ webhook }),
    };
    const http = await createHttpServer({
      core: { ...api.core, targets: targets as unknown as Core["targets"] },
      changes: api.changes,
      schema: buildSchema(resolvers),
      adminApiKey: API_KEY,
    });
    const body = Buffer.from([0, 255, 10, 13, 10]);
    const send = () =>
      http.inject({
        method: "POST",
        url: `/targets/${target.id}/webhook`,
        body,
        headers: { "content-type": "application/x-any" },
      });
    expect((await send()).statusCode).toBe(200);
    genuine = false;
    const told = () => api.log.filter((line) => line.includes("wrong secret") && line.includes(target.id));
    expect(told()).toHaveLength(0);
    expect((await send()).statusCode).toBe(401);
    expect((await send()).statusCode).toBe(401);
    // Once a minute.
    expect(told()).toHaveLength(1);
    expect(seen.map((bytes) => Buffer.from(bytes).equals(body))).toEqual([true, true, true]);
    const events = await api.dataSource.query("SELECT body FROM webhook_event WHERE target_id = $1", [target.id]);
    expect(events).toEqual([{ body }]);
    await http.close();
  });

  test("shows its plugin every header, and keeps none that may prove who calls", async () => {
    const target = await new SampleRows(api.dataSource).target();
    const shown: Record<string, string>[] = [];
    const verify = ({ headers }: { headers: Record<string, string> }) => shown.push(headers) > 0;
    const targets = {
      use: async (_id: string, _deadlineMs: number, call: (connection: unknown) => unknown) =>
        call({ webhook: { verify } }),
    };
    const http = await createHttpServer({
      core: { ...api.core, targets: targets as unknown as Core["targets"] },
      changes: api.changes,
      schema: buildSchema(resolvers),
      adminApiKey: API_KEY,
    });
    const proofs = {
      authorization: "Basic c2VjcmV0",
      cookie: "id=secret",
      "proof-of-caller": "secret",
      "x-api-key": "secret",
      "x-webhook-secret": "secret",
      "x-auth": "secret",
      "x-gitlab-token": "secret",
      "x-hub-signature-256": "secret",
    };
    const plain = { "content-type": "text/xml", "user-agent": "MDM/1", "x-event": "installed" };
    const url = `/targets/${target.id}/webhook`;
    await http.inject({ method: "POST", url, body: "<plist/>", headers: { ...plain, ...proofs } });
    expect(shown).toEqual([expect.objectContaining({ ...plain, ...proofs })]);
    const events = await api.dataSource.query("SELECT headers FROM webhook_event WHERE target_id = $1", [target.id]);
    expect(events).toEqual([{ headers: { ...plain, "content-length": "8" } }]);
    await http.close();
  });
});

test("a request that never comes to its end is given up, its headers no later than its body", async () => {
  const http = await createHttpServer({ ...api, schema: buildSchema(resolvers), adminApiKey: API_KEY });
  const { requestTimeout, headersTimeout } = http.server as Server;
  expect(requestTimeout).toBeGreaterThan(0);
  expect(headersTimeout).toBeLessThanOrEqual(requestTimeout);
  await http.close();
});

test("a connection over which nothing was asked does not keep a server open that closes", async () => {
  const replica = await startApi(api.database);
  const { hostname, port } = new URL(replica.url);
  const accepted = once(replica.server, "connection");
  const caller = connect(Number(port), hostname);
  await accepted;
  const ended = once(caller, "close");
  await replica.close();
  await ended;
});

test("a path that leads nowhere is 404 in the one error form", async () => {
  const response = await fetch(`${api.url}/nowhere`);
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { errors: [{ extensions: { code: "NOT_FOUND" } }] },
  ]);
});
