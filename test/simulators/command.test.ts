import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runAdminServiceCommand } from "../../simulators/adminservice/command.js";
import { runAppleCommand } from "../../simulators/apple/command.js";
import { runGraphCommand } from "../../simulators/graph/command.js";
import { InputError } from "../../simulators/input-error.js";
import { runNanoMdmCommand } from "../../simulators/nanomdm/command.js";
import { send } from "./apple/apple-caller.js";
import { simulate } from "./simulate.js";

const COMMANDS = {
  apple: runAppleCommand,
  nanomdm: runNanoMdmCommand,
  adminservice: runAdminServiceCommand,
  graph: runGraphCommand,
};

const state = async (controlUrl: string) => (await (await fetch(`${controlUrl}/state`)).json()) as object;

describe("a command says how its simulator is reached, and ends cleanly on SIGTERM:", () => {
  test("apple, whose token works and is written to a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "simulator-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const tokenOut = join(folder, "location.vpptoken");
    const options = ["--port", "0", "--apps", "12", "--licenses", "240", "--seed", "7", "--token-out", tokenOut];
    const { child, output, told, prints, ended } = simulate("apple", ...options, "--switches", '{"pageSize":5}');
    await prints("END TOKEN FILE");
    const token = /-----BEGIN TOKEN FILE-----\n(\S+)\n-----END TOKEN FILE-----/.exec(output())?.[1];
    expect(await readFile(tokenOut, "utf8")).toBe(token);
    const headers = { authorization: `Bearer ${token}` };
    const assets = await send(`${told("APPLE_BASE_URL=")}/assets`, { headers });
    expect(assets.body).toMatchObject({ size: 5, totalPages: 3 });
    expect((await send(`${told("Control plane: ")}/token-file`, {})).body.tokenFile).toBe(token);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("nanomdm", async () => {
    const options = ["--port", "0", "--flavour", "micromdm", "--devices", "6", "--seed", "3"];
    const { child, told, prints, ended } = simulate("nanomdm", ...options);
    await prints("Control plane");
    const settings = JSON.parse(told("Settings of a target: "));
    const credentials = Buffer.from(`micromdm:${settings.apiKey}`).toString("base64");
    const headers = { authorization: `Basic ${credentials}` };
    const answer = await fetch(`${settings.url}/v1/devices`, { method: "POST", headers, body: "{}" });
    expect(((await answer.json()) as { devices: unknown[] }).devices).toHaveLength(6);
    expect(await state(told("Control plane: "))).toMatchObject({ flavour: "micromdm" });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("adminservice", async () => {
    const options = ["--port", "0", "--devices", "3", "--switches", '{"policyDelayMs":7}'];
    const { child, told, prints, ended } = simulate("adminservice", ...options);
    await prints("END CERTIFICATE");
    expect(told("Account: ")).toMatch(/^EXAMPLE\\\S+$/);
    expect(told("Certificate (SHA-256): ")).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const controlUrl = told("Control plane: ");
    expect(await state(controlUrl)).toMatchObject({ switches: { policyDelayMs: 7, installMs: 200 } });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("graph, whose credentials get a token", async () => {
    const { child, output, prints, ended } = simulate("graph", "--port", "0", "--devices", "3", "--userless", "1");
    await prints("loginUrl");
    await prints("\n}");
    const settings = JSON.parse(output().slice(output().indexOf("{")));
    const { tenantId, clientId: client_id, clientSecret: client_secret, loginUrl } = settings;
    const scope = "https://graph.microsoft.com/.default";
    const body = new URLSearchParams({ client_id, client_secret, scope, grant_type: "client_credentials" });
    const answer = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: "POST", body });
    expect(await answer.json()).toMatchObject({ token_type: "Bearer", access_token: expect.any(String) });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});

test.each([
  [[], /Name a product/],
  [["toaster"], /no simulator of "toaster"/],
  [["graph", "--devices", "many"], /--devices must be a whole number/],
])("the command line %j ends with a sentence and status 2", async (args, sentence) => {
  const { output, ended } = simulate(...args);
  expect(await ended).toBe(2);
  expect(output()).toMatch(sentence);
  expect(output()).not.toContain("    at ");
});

describe.each(Object.entries(COMMANDS))("the command line of %s", (_, run) => {
  test.each([
    [["--port", "70000"], /^--port must be a whole number from 0 to 65535, not "70000"\.$/],
    [["--control-port", "-1"], /--control-port/],
    [["--seed", "lucky"], /^--seed must be a whole number/],
    [["--colour", "red"], /--colour/],
    [["loud"], /loud/],
    [["--switches", "fast"], /^--switches must be JSON such as \{"\w+":\d+\}\.$/],
    [["--switches", '{"keptRequests":-1}'], /^--switches: keptRequests /],
    [["--switches", '{"speed":1}'], /^--switches: .*speed/],
  ])("is refused with a sentence for %j", async (args, sentence) => {
    const refused = await run(args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InputError);
    expect((refused as InputError).message).toMatch(sentence);
  });
});

test.each([
  ["apple", ["--apps", "0"], /--apps must be a whole number from 1/],
  ["apple", ["--token-expires", "soon"], /--token-expires must be a time/],
  ["apple", ["--licenses", "5", "--assigned", "6"], /--assigned 6 is more than --licenses 5/],
  ["apple", ["--port", "0", "--apps", "10", "--licenses", "100", "--assigned", "100"], /At most \d+ licenses/],
  ["nanomdm", ["--flavour", "jamf"], /--flavour must be nanomdm or micromdm, not "jamf"/],
  ["adminservice", ["--certificate", "mine"], /--certificate must be self or authority/],
  ["graph", ["--devices", "2", "--userless", "3"], /--userless 3 is more than --devices 2/],
  ["graph", ["--certificate", "/nowhere.pem"], /--certificate cannot be read/],
] as const)("%s is told what is wrong with %j", async (product, args, sentence) => {
  await expect(COMMANDS[product]([...args])).rejects.toThrow(sentence);
});
