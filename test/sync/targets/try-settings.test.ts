import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Core } from "../../../src/sync/core.js";
import { hideNothing } from "../../../src/sync/targets/hide-secrets.js";
import type { OpenConnection } from "../../../src/sync/targets/open-connection.js";
import { trySettings } from "../../../src/sync/targets/try-settings.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { pluginWith } from "./target-world.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a connection that opens only after the deadline is closed, and asked nothing", async () => {
  let open = (_connection: OpenConnection) => {};
  const opening = new Promise<OpenConnection>((resolve) => {
    open = resolve;
  });
  const core = {
    clock: createSystemClock(1),
    log: pino({ level: "silent" }),
    targets: { open: () => opening },
  } as unknown as Core;
  const refused = expect(trySettings(core, pluginWith({}), "Main", {})).rejects.toMatchObject({
    code: "TARGET_UNAVAILABLE",
    message: expect.stringContaining("No answer came"),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await refused;
  let asked = 0;
  await new Promise<void>((closed) => {
    const run = async () => {
      asked += 1;
      throw new Error("It was asked");
    };
    open({ run, hide: hideNothing, close: async () => closed() });
  });
  expect(asked).toBe(0);
});
