import type { Client, Sink } from "graphql-ws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLiveClient } from "../../web/report/create-live-client.js";
import { follow } from "../../web/report/follow.js";
import { whileSeen } from "../../web/report/while-seen.js";
import { AwayWebSocket, LostWebSocket } from "../support/fake-web-socket.js";

const MINUTE_MS = 60_000;
const SUBSCRIPTION = { query: "subscription { alertsChanged { id } }", variables: {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the report's connection", () => {
  const connect = (onConnected: (connected: boolean) => void = () => undefined) =>
    follow(
      createLiveClient({ url: "ws://127.0.0.1:1/graphql", key: "a key", onConnected }),
      SUBSCRIPTION,
      () => undefined,
    );

  it("is tried several times a minute, however long the service is away", async () => {
    vi.stubGlobal("WebSocket", AwayWebSocket);
    const stop = connect();
    await vi.advanceTimersByTimeAsync(50 * MINUTE_MS);
    AwayWebSocket.attempts = [];
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    stop();
    expect(AwayWebSocket.attempts.length).toBeGreaterThan(2);
    expect(AwayWebSocket.attempts.length).toBeLessThan(60);
  });

  it("is known to be lost within half a minute, though nobody said so", async () => {
    vi.stubGlobal("WebSocket", LostWebSocket);
    const told: boolean[] = [];
    const stop = connect((connected) => told.push(connected));
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
    stop();
    expect(told.slice(0, 2)).toEqual([true, false]);
  });
});

describe("a subscription of the report", () => {
  const begin = (tell: (data: unknown) => void) => {
    const sinks: Sink[] = [];
    const client = {
      subscribe: (_: unknown, sink: Sink) => {
        sinks.push(sink);
        return () => sink.complete();
      },
    } as Pick<Client, "subscribe">;
    return { sinks, stop: follow(client, SUBSCRIPTION, tell) };
  };

  it.each([
    ["refused", (sink?: Sink) => sink?.error(new Error("refused"))],
    ["over", (sink?: Sink) => sink?.complete()],
  ])("that is %s tells that it is, and begins anew", async (_, end) => {
    const told: unknown[] = [];
    const { sinks, stop } = begin((data) => told.push(data));
    end(sinks[0]);
    expect(told).toEqual([null]);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(sinks).toHaveLength(2);
    sinks[1]?.next({ data: { id: "1" } });
    expect(told).toEqual([null, { id: "1" }]);
    stop();
  });

  it("that is stopped stays so", async () => {
    const told: unknown[] = [];
    const { sinks, stop } = begin((data) => told.push(data));
    stop();
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect([sinks.length, told]).toEqual([1, []]);
  });
});

it("what is looked at again now and then is left alone while nobody looks, and looked at as soon as somebody does", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  vi.stubGlobal("document", page);
  const look = vi.fn();
  const stop = whileSeen(MINUTE_MS, look);
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  expect(look).not.toHaveBeenCalled();
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(look).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(look).toHaveBeenCalledTimes(2);
  stop();
});
