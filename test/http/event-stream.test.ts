import { connect } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Token } from "../../src/entities/token.js";
import { eventually } from "../support/eventually.js";
import { countListeners } from "./count-listeners.js";
import { SampleRows } from "./sample-rows.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

let api: TestApi;
let token: Token;
beforeAll(async () => {
  api = await startApi();
  token = await new SampleRows(api.dataSource).token({ name: "Own" });
});
afterAll(() => api.close());

const HEALTH = "subscription ($token: ID) { tokenHealthChanged(token: $token) { name health { state } } }";

const KEY = { authorization: `Bearer ${API_KEY}` };

function post(body: object, headers: Record<string, string> = KEY, url = api.url) {
  const leave = new AbortController();
  const answer = fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
    body: JSON.stringify(body),
    signal: leave.signal,
  });
  return { answer, leave: () => leave.abort() };
}

/** The events' data, as they come. */
async function* eventsOf(response: Response): AsyncGenerator<unknown> {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const data = /^event: next\ndata: (.*)$/.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data) yield JSON.parse(data);
    }
  }
}

test("a subscription that is posted is answered by events: a snapshot, then what changes", async () => {
  const { answer, leave } = post({ query: HEALTH, variables: { token: token.globalId } });
  const response = await answer;
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  const events = eventsOf(response);
  const health = (state: string) => ({ data: { tokenHealthChanged: { name: "Own", health: { state } } } });
  expect((await events.next()).value).toEqual(health("ACTIVE"));
  await api.dataSource.query("UPDATE token SET health_state = 'EXPIRED' WHERE id = $1", [token.id]);
  expect((await events.next()).value).toEqual(health("EXPIRED"));
  leave();
});

test("without the key it is refused with 401, as a query is", async () => {
  const { status, headers } = await post({ query: HEALTH }, {}).answer;
  expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
});

test("one that is wrong is answered as JSON", async () => {
  const wrong = await post({ query: "subscription { nothing }" }).answer;
  expect([wrong.status, await wrong.json()]).toMatchObject([
    400,
    { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
  ]);
  const missing = await post({ query: HEALTH, variables: { token: "hello" } }).answer;
  expect(await missing.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
});

test("a client that offers to read events with every request gets JSON for its queries", async () => {
  const headers = {
    ...KEY,
    accept: "application/graphql-response+json, application/json, text/event-stream",
  };
  const response = await post({ query: "{ tokens { totalCount } }" }, headers).answer;
  expect(await response.json()).toEqual({ data: { tokens: { totalCount: 1 } } });
});

test("a subscription of a client that cannot read events is refused", async () => {
  const { status, errors } = await api.ask(HEALTH);
  expect({ status, errors }).toMatchObject({ status: 400, errors: [{ extensions: { code: "INVALID_INPUT" } }] });
});

test("what it follows being gone, it is complete, which a client does not take for an interruption", async () => {
  const short = await new SampleRows(api.dataSource).token({ name: "Short" });
  const response = await post({ query: HEALTH, variables: { token: short.globalId } }).answer;
  const text = response.text();
  await api.dataSource.query("DELETE FROM token WHERE id = $1", [short.id]);
  expect(await text).toMatch(/\n\nevent: complete\ndata:\n\n$/);
});

/** A subscription whose token is being looked up, until `goOn`. */
async function subscribeSlowly(to: TestApi) {
  const query = to.dataSource.query.bind(to.dataSource);
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const spy = vi.spyOn(to.dataSource, "query").mockImplementationOnce(async (...asked) => {
    await held;
    return query(...asked);
  });
  const listeners = countListeners(to.changes);
  const posted = post({ query: HEALTH, variables: { token: token.globalId } }, KEY, to.url);
  await eventually(async () => (spy.mock.calls.length > 0 ? true : null));
  spy.mockRestore();
  return { ...posted, goOn, listeners };
}

test("one whose caller goes while it begins is forgotten", async () => {
  const replica = await startApi(api.database);
  const { answer, leave, goOn, listeners } = await subscribeSlowly(replica);
  leave();
  await expect(answer).rejects.toThrow();
  const connections = promisify(replica.server.getConnections.bind(replica.server));
  await eventually(async () => ((await connections()) === 0 ? true : null));
  goOn();
  await eventually(async () => (listeners.noneLeft() ? true : null));
  await replica.close();
});

test("one that begins while the server closes does not keep it open", async () => {
  const replica = await startApi(api.database);
  const { answer, goOn } = await subscribeSlowly(replica);
  const closed = replica.close();
  await eventually(async () => (replica.server.listening ? null : true));
  goOn();
  await closed;
  expect(await (await answer).text()).not.toContain("complete");
});

test("one whose caller would use the connection again does not keep the server open", async () => {
  const replica = await startApi(api.database);
  const { hostname, port } = new URL(replica.url);
  const body = JSON.stringify({ query: HEALTH });
  const caller = connect(Number(port), hostname);
  caller.write(
    `POST /graphql HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${API_KEY}\r\naccept: text/event-stream\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n${body}`,
  );
  let heard = "";
  caller.on("data", (data) => {
    heard += String(data);
  });
  await eventually(async () => (heard.includes("event: next") ? true : null));
  await replica.close();
});
