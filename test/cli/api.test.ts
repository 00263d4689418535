import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { connectApi } from "../../src/cli/api/connect-api.js";
import { type Page, type PageWish, readPages } from "../../src/cli/api/read-pages.js";
import { followSyncRuns } from "../../src/cli/sync/follow-sync-runs.js";

type Variables = Partial<PageWish>;

interface Service {
  readonly url: string;
  /** The variables of each request, in order. */
  readonly asked: Variables[];
}

/** Answers each request with the next of these, and with the last one for ever. */
async function answers(...said: ((variables: Variables) => object)[]): Promise<Service> {
  const asked: Variables[] = [];
  const server = createServer(async (request, response) => {
    const { variables } = (await json(request)) as { variables: Variables };
    asked.push(variables);
    response.end(JSON.stringify(said[Math.min(asked.length, said.length) - 1]?.(variables)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const refusal = (code: string, details = {}) => ({ errors: [{ message: "No.", extensions: { code, details } }] });
const connect = ({ url }: Service) => connectApi({ url }, { ALLOTMENT_API_KEY: "a-key" });

it("waits when its key has asked too often, and then asks again", async () => {
  const retryAt = () => new Date(Date.now() + 50).toISOString();
  const service = await answers(
    () => refusal("LIMIT_EXCEEDED", { kind: "requestsPerMinute", limit: 1, retryAt: retryAt() }),
    () => ({ data: { tokens: 3 } }),
  );
  expect(await (await connect(service)).ask("{ tokens }")).toEqual({ tokens: 3 });
  expect(service.asked).toHaveLength(2);
});

it("does not wait when too many wrong keys have come from its address", async () => {
  const retryAt = new Date(Date.now() + 50).toISOString();
  const service = await answers(() => refusal("LIMIT_EXCEEDED", { kind: "failedAttempts", limit: 20, retryAt }));
  await expect((await connect(service)).ask("{ tokens }")).rejects.toThrow("LIMIT_EXCEEDED");
  expect(service.asked).toHaveLength(1);
});

it("reads smaller pages where the service gives no larger ones", async () => {
  const rows = Array.from({ length: 120 }, (_, at) => at);
  const page = ({ first = 0, after = null }: Variables): object => {
    if (first > 50) return refusal("LIMIT_EXCEEDED", { kind: "pageSize", limit: 50, asked: first });
    const from = after === null ? 0 : Number(after);
    const nodes = rows.slice(from, from + first);
    return { data: { nodes, pageInfo: { hasNextPage: from + first < rows.length, endCursor: String(from + first) } } };
  };
  const service = await answers(page);
  const api = await connect(service);
  const read: number[] = [];
  for await (const { nodes } of readPages<number, Page<number>>((wish) => api.ask("{ page }", { ...wish }))) {
    read.push(...nodes);
  }
  expect(read).toEqual(rows);
  expect(service.asked.map(({ first }) => first)).toEqual([500, 50, 50, 50]);
});

it("stops following a synchronisation at once when its key has ended: asking on would count as guessing", async () => {
  const running = { id: "1", state: "RUNNING", phase: null, pagesRead: 0, pagesKnown: 1, endedAt: null };
  const service = await answers(
    () => ({ data: { nodes: [running] } }),
    () => refusal("UNAUTHENTICATED"),
  );
  const followed = followSyncRuns(await connect(service), [{ id: "1", token: "Head office" }]);
  await expect(followed).rejects.toMatchObject({ code: "UNAUTHENTICATED", exitCode: 3 });
  expect(service.asked).toHaveLength(2);
});
