import { randomUUID } from "node:crypto";
import { fastify } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Token } from "../../src/entities/token.js";
import { addNotificationRoute } from "../../src/http/notification-route.js";
import { rows } from "../../src/queries/sql.js";
import { notificationSecret } from "../../src/sync/tokens/subscription.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { SampleRows } from "./sample-rows.js";
import { startApi, type TestApi } from "./start-api.js";

let api: TestApi;
let token: Token;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  token = await new SampleRows(api.dataSource).token();
});
afterAll(() => api.close());

interface Call {
  readonly tokenId?: string;
  readonly authorization?: string | null;
  readonly body?: string;
}

/** As Apple calls, but for what the test changes. */
async function call({ tokenId = token.id, authorization, body = text({}) }: Call = {}): Promise<Response> {
  const bearer = authorization === undefined ? `Bearer ${notificationSecret(api.core, tokenId)}` : authorization;
  return fetch(`${api.url}/apple/notifications/${tokenId}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(bearer === null ? {} : { authorization: bearer }) },
    body,
  });
}

function text(own: Record<string, unknown>): string {
  return JSON.stringify({
    notificationId: randomUUID(),
    notificationType: "ASSET_COUNT",
    notification: { adamId: "1", pricingParam: "STDQ", countDelta: 1 },
    uId: "1",
    ...own,
  });
}

const saved = () =>
  rows(api.dataSource, "SELECT notification_id, type, body, read_at FROM apple_notification WHERE token_id = $1", [
    token.id,
  ]);

const jobs = () =>
  rows(api.dataSource, "SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [`read-notifications:${token.id}:now`]);

describe("Apple's call", () => {
  test("is saved as it came, with the job that reads it, and answered 200 with nothing", async () => {
    const body = text({ notificationId: "n-1", extra: ["ü"] });
    const answer = await call({ body });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(await saved()).toEqual([
      { notification_id: "n-1", type: "ASSET_COUNT", body: JSON.parse(body), read_at: null },
    ]);
    expect(await jobs()).toHaveLength(1);
  });

  test("that is repeated is answered alike and adds no work", async () => {
    const body = text({});
    await call({ body });
    await api.dataSource.query("SELECT graphile_worker.remove_job($1)", [`read-notifications:${token.id}:now`]);
    expect((await call({ body })).status).toBe(200);
    expect(await saved()).toHaveLength(1);
    expect(await jobs()).toEqual([]);
  });

  test("of which many come at once leads to one job, whoever comes first", async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => text({ notificationId: `many-${index % 10}` }));
    const answers = await Promise.all(bodies.map((body) => call({ body })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await saved()).toHaveLength(10);
    expect(await jobs()).toHaveLength(1);
  });

  test("is told apart by the token: two tokens may have notifications of one id", async () => {
    const other = await new SampleRows(api.dataSource).token();
    const body = text({ notificationId: "same" });
    expect((await call({ body })).status).toBe(200);
    expect((await call({ body, tokenId: other.id })).status).toBe(200);
    expect(await rows(api.dataSource, "SELECT 1 FROM apple_notification WHERE notification_id = 'same'")).toHaveLength(
      2,
    );
  });

  test("is told in the API by its time, with the token it is for", async () => {
    await call();
    const quiet = await new SampleRows(api.dataSource).token();
    const { data, errors } = await api.ask("{ tokens(first: 100) { nodes { id notificationsAt } } }");
    expect(errors).toEqual([]);
    const { nodes } = (data as { tokens: { nodes: { id: string; notificationsAt: string | null }[] } }).tokens;
    const at = (id: string) =>
      nodes.find((node) => Buffer.from(node.id, "base64url").toString().includes(id))?.notificationsAt;
    expect(new Date(at(token.id) ?? 0).getTime()).toBeGreaterThan(0);
    expect(at(quiet.id)).toBeNull();
  });
});

describe("a call that is not Apple's", () => {
  const refused = async (answer: Response) => {
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    const { errors } = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] };
    return [answer.status, errors.map(({ extensions }) => extensions.code), errors[0]?.message];
  };

  test.each([
    ["without a secret", () => ({ authorization: null })],
    ["with a wrong secret", () => ({ authorization: `Bearer ${"x".repeat(43)}` })],
    ["with the key of the API", () => ({ authorization: "Bearer the-key-of-these-tests" })],
    ["with a malformed header", () => ({ authorization: notificationSecret(api.core, token.id) })],
    ["with another token's secret", () => ({ authorization: `Bearer ${notificationSecret(api.core, randomUUID())}` })],
    [
      "for a token that is not there, with a wrong secret",
      () => ({ tokenId: randomUUID(), authorization: "Bearer x" }),
    ],
    ["for a token that is gone, with its secret", () => ({ tokenId: randomUUID() })],
    ["for a token that cannot be", () => ({ tokenId: "hello" })],
    ["for a token's id in capitals", () => ({ tokenId: token.id.toUpperCase() })],
  ])("is 401 and leaves nothing %s, and all look alike", async (_, changes) => {
    const before = await countRows(api.dataSource);
    expect(await refused(await call(changes()))).toEqual([
      401,
      ["UNAUTHENTICATED"],
      "Only Apple may call this address, with the secret it was given for the token.",
    ]);
    expect(await countRows(api.dataSource)).toEqual(before);
  });

  test("with a wrong secret is written down, once a minute of each address", async () => {
    const own = await startApi(api.database);
    for (let time = 0; time < 3; time += 1) {
      await fetch(`${own.url}/apple/notifications/${token.id}`, {
        method: "POST",
        headers: { authorization: "Bearer x" },
      });
    }
    expect(own.log.filter((line) => line.includes("wrong secret") && line.includes(token.id))).toHaveLength(1);
    await own.close();
  });

  test("is 401 for a token that is just being removed, and not a fault of ours", async () => {
    const removing = api.dataSource.createQueryRunner();
    await removing.startTransaction();
    await removing.query("DELETE FROM token WHERE id = $1", [token.id]);
    const answer = call();
    await eventually(async () => {
      const waiting = await rows(
        api.dataSource,
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query LIKE '%INTO apple_notification%'`,
      );
      return waiting.length > 0 ? true : null;
    });
    await removing.commitTransaction();
    await removing.release();
    expect((await refused(await answer)).slice(0, 2)).toEqual([401, ["UNAUTHENTICATED"]]);
  });

  test("is refused before its body is read", async () => {
    const answer = await call({ authorization: "Bearer wrong", body: "x".repeat(300 * 1024) });
    expect(answer.status).toBe(401);
  });
});

describe("what is no notification", () => {
  test.each([
    ["an empty body", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["an object without an id", text({ notificationId: undefined })],
    ["one with an empty id", text({ notificationId: "" })],
    ["one with an endless id", text({ notificationId: "x".repeat(300) })],
    ["one whose id is no text", text({ notificationId: 7 })],
    ["one without a type", text({ notificationType: undefined })],
    ["one with a NUL, which the database cannot hold", text({ note: "\u0000" })],
    ["one with half a character", text({ note: "\ud800" })],
    [
      "one nested beyond measure",
      `{"notificationId":"n","notificationType":"T","deep":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    ],
    ["one with a number beyond measure", `{"notificationId":"n","notificationType":"T","big":1e999999}`],
  ])("is 400 and leaves nothing: %s", async (_, body) => {
    const before = await countRows(api.dataSource);
    const answer = await call({ body });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
    ]);
    expect(await countRows(api.dataSource)).toEqual(before);
  });

  test("is 413 when it is larger than any notification", async () => {
    expect((await call({ body: text({ note: "x".repeat(256 * 1024) }) })).status).toBe(413);
    expect(await saved()).toEqual([]);
  });
});

test("more calls a second than a token may have are sent away, and other tokens feel nothing of it", async () => {
  const other = await new SampleRows(api.dataSource).token();
  const http = fastify();
  await addNotificationRoute(http, api.core, 5);
  const send = ({ id }: Token) =>
    http.inject({
      method: "POST",
      url: `/apple/notifications/${id}`,
      headers: { authorization: `Bearer ${notificationSecret(api.core, id)}` },
      body: text({ notificationId: "one" }),
    });
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(token)));
  const sentAway = answers.filter(({ statusCode }) => statusCode === 429);
  expect(sentAway.length).toBeGreaterThan(0);
  expect(sentAway[0]?.headers["retry-after"]).toBe("1");
  expect((await send(other)).statusCode).toBe(200);
  expect(await saved()).toHaveLength(1);
  await http.close();
});

test("what Apple calls with reaches no log", async () => {
  await call();
  await call({ body: "{" });
  expect(api.log.join("\n")).not.toContain(notificationSecret(api.core, token.id));
});
