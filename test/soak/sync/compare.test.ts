import { expect, it } from "vitest";
import { compare } from "../../../soak/sync/compare.js";

it("tells of each row that only one side has, or that differs", async () => {
  const counts = { total: 5, assigned: 1, available: 4, retired: 0 };
  const stored: Record<string, object[]> = {
    store_app: [{ app: "1:STDQ", ...counts }],
    license: [{ place: "1:STDQ DEVICE:A", state: "RETURNING" }],
    apple_user: [{ id: "ann", status: "REGISTERED" }],
  };
  const ours = {
    rows: async (text: string) => (stored[/FROM (\w+)/.exec(text)?.[1] ?? ""] ?? []) as never[],
    close: async () => undefined,
  };
  const truth = {
    apps: new Map([["1:STDQ", { ...counts, total: 6 }]]),
    assignments: [
      { app: "1:STDQ", holder: "DEVICE:A" },
      { app: "1:STDQ", holder: "DEVICE:B" },
    ],
    users: new Map<string, string>(),
  };
  expect(await compare("2000000000000001", truth, ours)).toEqual([
    expect.stringMatching(/^app 1:STDQ: Apple has .*"total":6.* we have .*"total":5/),
    "holding 1:STDQ DEVICE:A: Apple has HELD, we have RETURNING",
    "holding 1:STDQ DEVICE:B: Apple has HELD, we have none",
    "registration ann: Apple has none, we have REGISTERED",
  ]);
});
