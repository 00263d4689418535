import { expect, test, vi } from "vitest";
import { PluginError } from "../../../src/plugins/contract.js";

async function otherCopy(): Promise<typeof PluginError> {
  vi.resetModules();
  return (await import("../../../src/plugins/contract.js")).PluginError;
}

test("an error of another copy of the contract is known as one", async () => {
  const Other = await otherCopy();
  expect(Other).not.toBe(PluginError);
  const error = new Other("transient", "Busy.", { retryAfterMs: 5 });
  expect(error instanceof PluginError).toBe(true);
  expect(error).toMatchObject({ kind: "transient", message: "Busy.", options: { retryAfterMs: 5 } });
});

test("an error of another kind is none, whatever it calls itself", async () => {
  const Other = await otherCopy();
  const unknownKind = new Other("curious" as "config", "What is this?");
  const lookalike = Object.assign(new Error("No."), { name: "PluginError", kind: "config", options: {} });
  for (const value of [new Error("x"), unknownKind, lookalike, null, undefined, "PluginError", { kind: "config" }]) {
    expect(value instanceof PluginError).toBe(false);
  }
});

test("a subclass knows its own", () => {
  class Throttled extends PluginError {}
  expect(new Throttled("transient", "Slow down.") instanceof PluginError).toBe(true);
  expect(new PluginError("transient", "Slow down.") instanceof Throttled).toBe(false);
});
