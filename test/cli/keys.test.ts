import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../support/run-command.js";
import { startTestService, type TestService } from "../support/service.js";

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const keys = (args: readonly string[], key = service.adminApiKey) =>
  runCommand(["keys", ...args], { ALLOTMENT_URL: service.url, ALLOTMENT_API_KEY: key });

it("makes a key that opens the API, lists it, and revokes it", async () => {
  const made = await keys(["make", "reports", "--role", "VIEWER", "--expires", "2090-01-31"]);
  expect(made.status).toBe(0);
  expect(made.stdout).toMatch(/^\S{20,}\n$/);
  expect(made.stderr).toMatch(/^"reports" is VIEWER of all teams, until 2090-01-31T00:00:00.000Z\./);
  const key = made.stdout.trim();
  const report = () => runCommand(["report", "--url", service.url], { ALLOTMENT_API_KEY: key });
  expect((await report()).status).toBe(0);

  const listed = await keys(["list"]);
  expect(listed.stdout).toMatch(
    /^Name +begins with +role +teams +last used +ends\nreports +\S+ +VIEWER +all +\S+ +2090-/,
  );
  expect(listed.stdout).not.toContain(key);

  expect(await keys(["revoke", "reports"])).toMatchObject({ status: 0, stdout: '"reports" is revoked.\n' });
  expect((await report()).status).toBe(3);
  expect(JSON.parse((await keys(["list", "--json"])).stdout)).toEqual([]);
  expect(JSON.parse((await keys(["list", "--all", "--json"])).stdout)).toMatchObject([{ name: "reports" }]);
});

it("ends with 1 when the key that asks is no admin's, and makes none", async () => {
  const { stdout } = await keys(["make", "--role", "VIEWER", "--team", "north", "--team", "south", "looker"]);
  const refused = await keys(["make", "own", "--role", "ADMIN"], stdout.trim());
  expect(refused).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/\(FORBIDDEN\)\n$/) });
  expect(JSON.parse((await keys(["list", "--json"])).stdout)).toMatchObject([
    { name: "looker", teams: ["north", "south"] },
  ]);
});

it("ends with 2 for a role, a date or a key that there is not", async () => {
  expect((await keys(["make", "x"])).status).toBe(2);
  expect((await keys(["make", "x", "--role", "ROOT"])).status).toBe(2);
  expect((await keys(["make", "x", "--role", "VIEWER", "--expires", "soon"])).status).toBe(2);
  expect(await keys(["revoke", "nobody"])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/no key "nobody"/),
  });
});
