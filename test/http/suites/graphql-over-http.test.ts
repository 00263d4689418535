import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const audits = serverAudits({
  url: () => `${api.url}/graphql`,
  fetchFn: (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${API_KEY}`);
    // Else a GET could have come from a page of somebody else's.
    headers.set("apollo-require-preflight", "true");
    return fetch(url, { ...init, headers });
  },
});

describe("the audits of GraphQL over HTTP, as its working group wrote them", () => {
  test("are there", () => {
    expect(audits.length).toBeGreaterThan(60);
  });

  test.each(audits.map((audit) => [audit.name, audit] as const))("%s", async (_, audit) => {
    expect(await audit.fn()).toMatchObject({ status: "ok" });
  });
});
