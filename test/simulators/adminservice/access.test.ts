import type { ClientRequestArgs } from "node:http";
import { Agent, type RequestOptions, request as secureRequest } from "node:https";
import { createType1Message, createType3Message, parseType2Message } from "@node-ntlm/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Caller, startCaller } from "./adminservice-caller.js";

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller({ devices: 1 });
});
afterAll(() => caller.stop());
beforeEach(async () => {
  await caller.control("/switches", { schemes: "both", authPersists: true, kerberos: false });
});

interface Seen {
  readonly status: number;
  readonly challenges: string[];
}

/** One socket, over which requests go one after the other. */
function openSocket() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: caller.simulator.certificate().authority });
  const ask = (authorization?: string) =>
    new Promise<Seen>((resolve, reject) => {
      const options: RequestOptions & ClientRequestArgs = { agent, headers: authorization ? { authorization } : {} };
      const sent = secureRequest(`${caller.simulator.url}/AdminService/wmi/SMS_Identification`, options, (answer) => {
        const challenges = answer.headersDistinct["www-authenticate"] ?? [];
        answer.resume().on("end", () => resolve({ status: answer.statusCode ?? 0, challenges }));
      });
      sent.on("error", reject).end();
    });
  return { ask, close: () => agent.destroy() };
}

const hello = createType1Message({ domain: "", workstation: "" });

function answerTo(
  challenge: string | undefined,
  fields: { password?: string; user?: string; domain?: string } = {},
): string {
  const { account } = caller.simulator;
  const { password = account.password, user = account.user, domain = account.domain } = fields;
  return createType3Message(parseType2Message(challenge ?? ""), { domain, username: user, password, workstation: "" });
}

async function challengeOn(socket: ReturnType<typeof openSocket>): Promise<string | undefined> {
  const { status, challenges } = await socket.ask(hello);
  expect([status, challenges.length]).toEqual([401, 1]);
  return challenges[0];
}

test("who brings nothing is told of both schemes, or of the one that the switch leaves", async () => {
  const socket = openSocket();
  expect(await socket.ask()).toEqual({ status: 401, challenges: ["Negotiate", "NTLM"] });
  await caller.control("/switches", { schemes: "negotiate" });
  expect(await socket.ask()).toEqual({ status: 401, challenges: ["Negotiate"] });
  socket.close();
});

test("the right answer to the challenge lets in, for as long as the socket lives", async () => {
  const socket = openSocket();
  expect((await socket.ask(answerTo(await challengeOn(socket)))).status).toBe(200);
  expect((await socket.ask()).status).toBe(200);
  const other = openSocket();
  expect((await other.ask()).status).toBe(401);
  socket.close();
  other.close();
});

test("it lets in once where the switch says so", async () => {
  await caller.control("/switches", { authPersists: false });
  const socket = openSocket();
  expect((await socket.ask(answerTo(await challengeOn(socket)))).status).toBe(200);
  expect((await socket.ask()).status).toBe(401);
  socket.close();
});

test("a wrong password, user or domain is refused", async () => {
  for (const fields of [{ password: "wrong" }, { user: "nobody" }, { domain: "ELSEWHERE" }]) {
    const socket = openSocket();
    expect((await socket.ask(answerTo(await challengeOn(socket), fields))).status).toBe(401);
    socket.close();
  }
});

test("an answer is good for the challenge of its socket only, and only once", async () => {
  const [one, other] = [openSocket(), openSocket()];
  const answer = answerTo(await challengeOn(one));
  await challengeOn(other);
  expect((await other.ask(answer)).status).toBe(401);
  expect((await one.ask(answer)).status).toBe(200);
  expect((await one.ask(answer)).status).toBe(401);
  one.close();
  other.close();
});

test("an answer of the first version of NTLM is refused", async () => {
  const socket = openSocket();
  const challenge = parseType2Message((await challengeOn(socket)) ?? "");
  const { domain, user: username, password } = caller.simulator.account;
  const weak = { ...challenge, negotiateFlags: challenge.negotiateFlags & ~0x0008_0000 };
  const answer = createType3Message(weak, { domain, username, password, workstation: "" });
  expect((await socket.ask(answer)).status).toBe(401);
  socket.close();
});

test("a ticket is taken where the switch has Kerberos", async () => {
  const socket = openSocket();
  const ticket = `Negotiate ${Buffer.from(`kerberos:${caller.simulator.account.user}`).toString("base64")}`;
  expect((await socket.ask(ticket)).status).toBe(401);
  await caller.control("/switches", { kerberos: true });
  expect((await socket.ask(ticket)).status).toBe(200);
  expect((await socket.ask()).status).toBe(401);
  socket.close();
});

test("through the gateway a token lets in, until it expires", async () => {
  expect((await caller.get("wmi/SMS_Identification")).status).toBe(200);
  const passing = await startCaller({ devices: 1 });
  await passing.control("/expire-tokens");
  expect((await passing.get("wmi/SMS_Identification")).status).toBe(401);
  await passing.stop();
});

test("Entra gives a token for the right client, secret and scope, and a code otherwise", async () => {
  const { entraUrl, clientApp } = caller.simulator;
  const ask = async (fields: Record<string, string>) => {
    const form = {
      grant_type: "client_credentials",
      client_id: clientApp.clientId,
      client_secret: clientApp.clientSecret,
    };
    const body = new URLSearchParams({ ...form, scope: `${clientApp.resource}/.default`, ...fields });
    const answer = await fetch(`${entraUrl}/${clientApp.tenantId}/oauth2/v2.0/token`, { method: "POST", body });
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  expect(await ask({})).toEqual([200, undefined]);
  expect(await ask({ client_secret: "wrong" })).toEqual([401, "invalid_client"]);
  expect(await ask({ client_id: "wrong" })).toEqual([400, "unauthorized_client"]);
  expect(await ask({ scope: "wrong" })).toEqual([400, "invalid_scope"]);
  expect(await ask({ grant_type: "password" })).toEqual([400, "unsupported_grant_type"]);
});

test("a password that is changed keeps out who comes with the old one", async () => {
  const { password } = caller.simulator.account;
  await caller.control("/change-password", { password: "another" });
  const socket = openSocket();
  expect((await socket.ask(answerTo(await challengeOn(socket)))).status).toBe(401);
  expect((await socket.ask(answerTo(await challengeOn(socket), { password: "another" }))).status).toBe(200);
  await caller.control("/change-password", { password });
  socket.close();
});
