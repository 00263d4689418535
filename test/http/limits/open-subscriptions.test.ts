import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Role } from "../../../src/entities/role.js";
import { DEFAULT_LIMITS } from "../../../src/http/limits/limits.js";
import { OpenSubscriptions } from "../../../src/http/limits/open-subscriptions.js";
import { eventually } from "../../support/eventually.js";
import { createKey } from "../create-key.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";
import { type Subscriber, subscribe } from "../subscriber.js";
import { byEventStream, bySocket } from "./ways.js";

const HEALTH = "subscription { tokenHealthChanged { name } }";
const REFUSED = { code: "LIMIT_EXCEEDED", details: { kind: "openSubscriptions", limit: 2, asked: 3 } };

let api: TestApi;
const open: Subscriber<unknown>[] = [];
beforeAll(async () => {
  api = await startApi(undefined, { limits: { ...DEFAULT_LIMITS, openSubscriptions: 2 } });
  await new SampleRows(api.dataSource).token();
});
afterAll(() => api.close());
afterEach(async () => {
  for (const subscriber of open.splice(0)) await subscriber.stop();
});

async function follow(key: string): Promise<Subscriber<unknown>> {
  const subscriber = subscribe(api.url, HEALTH, {}, key);
  open.push(subscriber);
  await subscriber.next();
  return subscriber;
}

test.each([
  ["a stream of events", byEventStream, 400],
  ["WebSocket", bySocket, null],
])(
  "a key with as many subscriptions as one may have open is refused the next one, over %s",
  async (_, send, status) => {
    const { key } = await createKey(api, { role: Role.VIEWER });
    const first = await follow(key);
    await follow(key);
    expect(await send(api.url, { query: HEALTH }, key)).toEqual({ status, data: null, errors: [REFUSED] });
    await first.stop();
    // Whichever way the others came, and however often.
    for (const again of [byEventStream, bySocket, byEventStream, bySocket]) {
      await eventually(async () => ((await again(api.url, { query: HEALTH }, key)).errors.length === 0 ? true : null));
    }
  },
);

test("a subscription that is refused, or wrong, is not counted", async () => {
  const { key } = await createKey(api, { role: Role.VIEWER });
  await follow(key);
  for (const query of [
    "subscription { nothing }",
    'subscription { tokenHealthChanged(token: "hello") { name } }',
    "subscription {",
  ]) {
    for (const send of [byEventStream, bySocket]) {
      for (let time = 0; time < 3; time += 1) expect((await send(api.url, { query }, key)).errors).toHaveLength(1);
    }
  }
  await follow(key);
});

test("the subscriptions of another key are not counted", async () => {
  const [one, other] = [await createKey(api, { role: Role.VIEWER }), await createKey(api, { role: Role.VIEWER })];
  await follow(one.key);
  await follow(one.key);
  await follow(other.key);
});

test("where there is no limit, any number is open", () => {
  const any = new OpenSubscriptions(null);
  for (let at = 0; at < 10_000; at += 1) any.begin({ actor: "admin", role: Role.ADMIN, teams: null });
});
