import { expect, test } from "vitest";
import { ADMIN, type Context } from "../../src/resolvers/context.js";
import { requireAdmin } from "../../src/resolvers/require-admin.js";

test("whoever holds the key of the installation may do what only an admin may", () => {
  expect(() => requireAdmin({ actor: ADMIN } as Context, "To do it")).not.toThrow();
});

test("anybody else is refused", () => {
  expect(() => requireAdmin({ actor: "somebody" } as Context, "To do it")).toThrow(
    expect.objectContaining({ code: "FORBIDDEN", details: { role: "ADMIN" } }),
  );
});
