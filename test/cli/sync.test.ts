import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { addToken } from "../flows/story.js";
import { controlApple } from "../support/control-apple.js";
import { runCommand } from "../support/run-command.js";
import { startTestService, type TestService } from "../support/service.js";

let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startTestService({
    apple: { apps: 3, licenses: 200, users: 5, assigned: 90 },
    environment: { TOKEN_LIMIT: "2" },
  });
  token = await addToken(service.api, service.apple.tokenFile);
});
afterAll(() => service.stop());

const sync = (args: readonly string[], key = service.adminApiKey) =>
  runCommand(["sync", ...args], { ALLOTMENT_URL: service.url, ALLOTMENT_API_KEY: key });

async function newestRun(): Promise<unknown> {
  const { syncRuns } = await service.api.ask<{ syncRuns: { nodes: unknown[] } }>(
    "query { syncRuns(first: 1, orderBy: { field: STARTED_AT, direction: DESC }) { nodes { mode trigger state } } }",
  );
  return syncRuns.nodes[0];
}

describe("allotment sync", () => {
  it("reads the only token in full, waits for it, and says how it went", async () => {
    const { status, stdout, stderr } = await sync([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Head office: SUCCEEDED, \d+ pages read, 0 rows added, 0 changed, 0 ended\n$/);
    expect(await newestRun()).toEqual({ mode: "FULL", trigger: "MANUAL", state: "SUCCEEDED" });
  });

  it("takes a token's name in whatever case, or its id", async () => {
    expect(await sync(["head OFFICE", token, "--json"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\[\n {2}\{\n {4}"token": "Head office",\n {4}"state": "SUCCEEDED"/),
    });
  });

  it("ends with 2 and asks for nothing when there is no such token", async () => {
    const requests = service.apple.world.requests.entries.length;
    const { status, stderr } = await sync(["Branch office"]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'There is no token "Branch office". There are: "Head office".\n',
    });
    expect(service.apple.world.requests.entries.length).toBe(requests);
  });

  it("ends with 3 when the key is wrong", async () => {
    const { status, stderr } = await sync([], "not-the-key-of-this-service");
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/\(UNAUTHENTICATED\)\n$/) });
  });

  it("takes the key from a file", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-key-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, "key");
    await writeFile(file, `${service.adminApiKey}\n`);
    const { status } = await runCommand(["sync", "--url", service.url, "--api-key-file", file]);
    expect(status).toBe(0);
  });

  it("ends with 3 when something else answers there", async () => {
    const other = createServer((_request, response) => response.end("<h1>Welcome</h1>")).listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { status, stderr } = await runCommand(["sync", "--url", url], { ALLOTMENT_API_KEY: "any" });
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/is not Allotment/) });
  });
});

describe("allotment sync, when it does not go well", () => {
  it("ends with 4 when too much would be lost, and with 0 when a second read has shown the same", async () => {
    const [location] = service.apple.world.locations;
    if (!location) throw new Error("Apple has no location");
    const revocable = [...location.assignments.rows].filter(({ asset }) => asset.item.revocable);
    for (const assignment of revocable.slice(0, 60)) location.unassign(assignment);
    location.commit();
    const held = await sync([]);
    expect(held).toMatchObject({ status: 4, stdout: expect.stringMatching(/^Head office: HELD_BACK, .* 0 ended\n/) });
    const again = await sync([]);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Head office: SUCCEEDED/) });
  });

  it("goes on with the other tokens when one fails, ends with 1, and says why", async () => {
    const second = service.apple.addLocation({ name: "Branch office", apps: 1, licenses: 5 });
    await addToken(service.api, second.token.text, "Branch office");
    expect(await sync([])).toMatchObject({
      status: 2,
      stderr: "There are 2 tokens: name those you mean, or say --all.\n",
    });
    await controlApple(service.apple, "/revoke-token", { location: "Branch office" });
    const { status, stdout } = await sync(["--all"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Head office: SUCCEEDED/m);
    expect(stdout).toMatch(/^Branch office: FAILED, .*\n {2}.*9625/m);
  });
});
