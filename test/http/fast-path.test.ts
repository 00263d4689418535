import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { MOMENT, SampleRows } from "./sample-rows.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

let api: TestApi;
let ordinary: TestApi;
let tokenId: string;
beforeAll(async () => {
  api = await startApi();
  ordinary = await startApi(api.database, { fastPath: false });
  tokenId = (await new SampleRows(api.dataSource).token({ name: 'a "token"' })).globalId;
});
afterAll(async () => {
  await ordinary?.close();
  await api?.close();
});

const QUERY = "query Token($id: ID!) { token(id: $id) { name addedAt } }";

interface Sent {
  readonly status: number;
  /** But for those that differ from one answer to the next. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

async function send(url: string, body: object, headers: Record<string, string> = {}): Promise<Sent> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}`, ...headers },
    body: JSON.stringify(body),
  });
  const { date: _, "x-request-id": id, ...told } = Object.fromEntries(response.headers);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  return { status: response.status, headers: told, body: (await response.json()) as Record<string, unknown> };
}

const told = { fastPath: true };

describe("a query that one statement answers", () => {
  test("is answered by it, which is told only to who asks", async () => {
    const asked = { query: QUERY, variables: { id: tokenId } };
    const data = { token: { name: 'a "token"', addedAt: MOMENT.toISOString() } };
    expect((await send(api.url, asked)).body).toEqual({ data });
    const { body } = await send(api.url, { ...asked, extensions: told });
    expect(body).toEqual({ data, extensions: { fastPath: { served: true } } });
  });

  test("takes one statement, however often and with whatever values it is asked", async () => {
    const query = vi.spyOn(api.dataSource, "query");
    for (let at = 0; at < 6; at++) await send(api.url, { query: QUERY, variables: { id: tokenId } });
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  test("is answered in the type that is accepted, as ever", async () => {
    for (const accept of [
      "application/graphql-response+json",
      "application/json, */*",
      "text/html, */*",
      "*/*;q=0.1",
    ]) {
      const asked = { query: QUERY, variables: { id: tokenId } };
      const [quick, slow] = [await send(api.url, asked, { accept }), await send(ordinary.url, asked, { accept })];
      expect({ accept, ...quick }).toEqual({ accept, ...slow });
    }
  });

  test("is executed field by field where that is configured", async () => {
    const { body } = await send(ordinary.url, { query: QUERY, variables: { id: tokenId }, extensions: told });
    expect(body).toMatchObject({ data: { token: {} }, extensions: { fastPath: { served: false } } });
  });
});

describe("what no statement answers", () => {
  test("is told with the reason to who asks for it", async () => {
    const { body } = await send(api.url, { query: "{ licenseDrift { nodes { id } } }", extensions: told });
    expect(body.extensions).toEqual({
      fastPath: { served: false, reason: expect.stringContaining("Query.licenseDrift") },
    });
  });

  test.each([
    ["an object that is not there", QUERY, { id: "bm90aGluZw" }],
    ["a cursor of another list", '{ tokens(after: "WyJ4Il0") { nodes { id } } }', {}],
    ["a variable that does not fit", QUERY, { id: { no: "id" } }],
    ["a variable that is missing", QUERY, {}],
    [
      "a text with the character U+0000",
      "query ($text: String) { tokens(filter: { search: $text }) { nodes { id } } }",
      { text: "\0" },
    ],
    ["a field that there is none of", "{ nothing }", {}],
    ["several operations and no name", "query A { tokens { totalCount } } query B { users { totalCount } }", {}],
    ["no document", "{", {}],
  ])("is answered as without the fast path: %s", async (_, query, variables) => {
    const [quick, slow] = [await send(api.url, { query, variables }), await send(ordinary.url, { query, variables })];
    expect(quick).toEqual(slow);
    expect(slow.body.errors).toHaveLength(1);
  });
});
