import { expect, it } from "vitest";
import { runCommand } from "../support/run-command.js";

/** What Node prints of an error that nobody caught. */
const STACK = /^ {4}at /m;

it("names every command in its help, and every exit status", async () => {
  const { status, stdout } = await runCommand(["--help"]);
  expect(status).toBe(0);
  for (const command of ["serve", "migrate", "doctor", "sync", "report", "keys", "simulate"]) {
    expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  }
  for (const exit of [0, 1, 2, 3, 4]) expect(stdout).toMatch(new RegExp(`^ {2}${exit} {2}\\w`, "m"));
});

it("prints the version of this package", async () => {
  const { stdout } = await runCommand(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it("ends with 2 when the command is not known", async () => {
  const { status, stderr } = await runCommand(["synch"]);
  expect({ status, said: stderr }).toEqual({ status: 2, said: expect.stringMatching(/unknown command 'synch'/) });
});

it("ends with 2 and every problem of the configuration, without a stack", async () => {
  const { status, stderr } = await runCommand(["migrate"], { DATABASE_URL: "mysql://x", PORT: "many" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/DATABASE_URL is not a PostgreSQL address/);
  expect(stderr).toMatch(/PORT/);
  expect(stderr).not.toMatch(STACK);
});

it("ends with 3 when nothing listens where the service should be", async () => {
  const environment = { ALLOTMENT_API_KEY: "a-key" };
  const { status, stderr } = await runCommand(["report", "--url", "http://127.0.0.1:9"], environment);
  expect(status).toBe(3);
  expect(stderr).toMatch(/is not reached at http:\/\/127\.0\.0\.1:9\/graphql.*is it running/);
  expect(stderr).not.toMatch(STACK);
});

it("ends with 2 when there is no key, and says where one is looked for", async () => {
  const { status, stderr } = await runCommand(["report", "--url", "https://allotment.example.com"]);
  expect({ status, said: stderr }).toEqual({ status: 2, said: expect.stringMatching(/set ALLOTMENT_API_KEY/) });
});

it("ends with 2 when more than a key stands where a key should, and does not show it", async () => {
  const environment = { ALLOTMENT_API_KEY: "first-key\nsecond-key" };
  const { status, stderr } = await runCommand(["report", "--url", "http://127.0.0.1:9"], environment);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/^ALLOTMENT_API_KEY holds more than/),
  });
  expect(stderr).not.toMatch(/first-key|second-key/);
});
