import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  definePlugin,
  PluginError,
  type PluginTools,
  secret,
  type TargetConnection,
} from "../../../src/plugins/contract.js";
import { createTargetConnections } from "../../../src/sync/targets/target-connections.js";
import { eventually } from "../../support/eventually.js";
import { forget } from "../../support/forget.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "./target-world.js";

const SECRET = 'correct "horse" & battery';
const never = () => new Promise<never>(() => undefined);

/** What the plugin under test does, until a test changes it. */
let connects: (settings: { url: string }, tools: PluginTools) => Promise<Partial<TargetConnection>>;
let connected = 0;
const shown = pluginWith({});
const changeable = definePlugin({
  ...shown,
  name: "changeable",
  settings: z.object({ url: z.string().default(""), password: secret() }),
  connect: async (settings, tools) => {
    connected += 1;
    const scripted = await shown.connect({}, tools);
    return { ...scripted, ...(await connects(settings, tools)) };
  },
});

/** Answers nobody, and remembers who waits. */
let server: Server;
let url: string;
const waiting = new Set<unknown>();
const lines: string[] = [];

let world: TargetWorld;
let id: string;
let use: TargetWorld["core"]["targets"]["use"];
beforeAll(async () => {
  world = await createTargetWorld([changeable]);
  server = createServer((request) => {
    waiting.add(request);
    request.socket.on("close", () => waiting.delete(request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.stop();
});
beforeEach(async () => {
  await forget(world.core.dataSource, "target");
  connects = async () => ({});
  id = await world.add("changeable", { url, password: SECRET });
  lines.length = 0;
  connected = 0;
  const { dataSource, plugins, secrets, clock } = world.core;
  const log = pino({ level: "info" }, { write: (line) => void lines.push(line) });
  const targets = createTargetConnections({ dataSource, plugins, secrets, clock, log, allowedHosts: null });
  use = targets.use;
  stop = targets.close;
});
let stop: () => Promise<void>;
afterEach(() => stop());

const CALM_MS = 5_000;
const nothing = async () => undefined;
const errorOf = (work: Promise<unknown>): Promise<PluginError> =>
  work.then(
    () => {
      throw new Error("It did not fail");
    },
    (error) => error,
  );

describe("a connection whose call outlives its deadline", () => {
  test("is not used again: the next call has a new one", async () => {
    await use(id, CALM_MS, nothing);
    expect(await errorOf(use(id, 20, never))).toMatchObject({ kind: "transient" });
    await use(id, CALM_MS, nothing);
    expect(connected).toBe(2);
  });

  test("is closed at once, with the sockets that it has left open", async () => {
    let closed = 0;
    connects = async (_settings, { fetch }) => ({
      close: async () => void closed++,
      apply: async () => {
        void fetch(`${url}/forgotten`).catch(() => undefined);
        return never();
      },
    });
    await errorOf(use(id, 200, (connection, signal) => connection.apply([], signal)));
    expect(waiting.size).toBe(1);
    await use(id, CALM_MS, nothing);
    await eventually(async () => (closed === 1 && waiting.size === 0 ? true : null));
  });

  test("keeps the one that ends when it is told to", async () => {
    const obedient = (_connection: TargetConnection, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new PluginError("transient", "Told to end.")));
      });
    await errorOf(use(id, 20, obedient));
    await use(id, CALM_MS, nothing);
    expect(connected).toBe(1);
  });
});

test("a product that is never connected to is tried anew by each call", async () => {
  connects = never;
  expect(await errorOf(use(id, 20, nothing))).toMatchObject({ kind: "transient" });
  connects = async () => ({});
  await use(id, CALM_MS, nothing);
  expect(connected).toBe(2);
});

test("a connection that cannot be closed keeps nobody", async () => {
  connects = async () => ({ close: never });
  await use(id, CALM_MS, nothing);
  await stop();
  expect(lines.join()).toContain("could not be closed");
});

test("the hundred and first call at once is told to come later", async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const calls = Array.from({ length: 101 }, () => use(id, CALM_MS, () => ended));
  const refused = errorOf(Promise.all(calls));
  expect(await refused).toMatchObject({ kind: "transient", message: expect.stringContaining("100 calls") });
  end();
  const settled = await Promise.allSettled(calls);
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
});

test("the thousand and first request at once is refused", async () => {
  connects = async (_settings, { fetch }) => ({
    apply: async (_steps, signal) => {
      await Promise.all(Array.from({ length: 1001 }, () => fetch(url, { signal })));
      return [];
    },
  });
  const error = await errorOf(use(id, CALM_MS, (connection, signal) => connection.apply([], signal)));
  expect(error).toMatchObject({ kind: "internal", message: expect.stringContaining("1000 requests") });
});

describe("what a plugin throws", () => {
  const nonsense: [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a text", `login with ${SECRET} failed`],
    ["a number", 7],
    ["an error of its own", new TypeError(`${SECRET} is not a function`)],
    [
      "an error whose members throw",
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error("again");
        },
      }),
    ],
    [
      "what cannot even be looked at",
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error("again");
          },
        },
      ),
    ],
    ["a PluginError without a kind", Object.assign(new PluginError("config", "x"), { kind: "who knows" })],
  ];
  test.each(nonsense)("is masked where it was not foreseen: %s", async (_, thrown) => {
    const error = await errorOf(
      use(id, CALM_MS, async () => {
        throw thrown;
      }),
    );
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({
      kind: "internal",
      message: expect.stringMatching(/did not foresee \(incident [-0-9a-f]{36}\)/),
    });
    expect(lines.join()).not.toContain("battery");
  });

  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({ password: SECRET }).toString(),
    base64(SECRET),
    ...["a", "ad", "ada"].map((user) => `Basic ${base64(`${user}:${SECRET}`)}`),
    Buffer.from(`${SECRET}, and more`).toString("base64url"),
    JSON.stringify(SECRET),
  ];
  test.each(forms)("is shown without its secrets: %s", async (form) => {
    const thrown = new PluginError("config", `It refused ${form}.`, {
      vendorCode: `E-${form}`,
      cause: new Error(form),
    });
    const error = await errorOf(
      use(id, CALM_MS, async () => {
        throw thrown;
      }),
    );
    expect(error.message).toContain("(hidden)");
    // In base64, "battery" is one of these, depending on where it stands.
    const battery = /battery|YmF0dGVy|JhdHRlcn|iYXR0ZXJ5/;
    expect(JSON.stringify({ ...error.options, message: error.message })).not.toMatch(battery);
    expect(error.cause).toBeUndefined();
  });

  test("can be stored: no endless text, no U+0000, no pause without end", async () => {
    const thrown = new PluginError("transient", `\u0000${"x".repeat(100_000)}`, {
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
    const error = await errorOf(
      use(id, CALM_MS, async () => {
        throw thrown;
      }),
    );
    expect(error.message).toMatch(/^x{1990,2000}…$/);
    expect(error.options.retryAfterMs).toBeUndefined();
  });
});

test.each([null, undefined, "a text", {}, { check: 1 }])(
  "a plugin that connects to %j has a sentence said of it",
  async (connection) => {
    const { connect } = changeable;
    Object.assign(changeable, { connect: () => connection });
    const error = await errorOf(use(id, CALM_MS, nothing));
    Object.assign(changeable, { connect });
    expect(error).toMatchObject({ kind: "internal", message: expect.stringContaining("changeable") });
  },
);

test("what a plugin says to the log is without secrets, cut, and not without end", async () => {
  connects = async (_settings, { log }) => ({
    poll: async () => {
      const details: Record<string, unknown> = { password: SECRET, deep: [{ key: SECRET }] };
      log(`it is ${SECRET}`, details);
      log("round", Object.assign(details, { details }));
      for (let line = 0; line < 10_000; line += 1) log("x".repeat(10_000));
      return { statuses: [], followUps: [] };
    },
  });
  await use(id, CALM_MS, (connection, signal) => connection.poll([], signal));
  expect(lines.length).toBeLessThanOrEqual(101);
  expect(lines.join("").length).toBeLessThan(400_000);
  expect(lines[0]).toContain("(hidden)");
  expect(lines.join()).not.toContain("battery");
});
