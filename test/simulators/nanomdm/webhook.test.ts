import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startMdmCaller } from "./mdm-caller.js";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes what is posted. */
async function receive(): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

test("NanoMDM signs the bytes of each event", async () => {
  const { url, received } = await receive();
  const { simulator } = await startMdmCaller({ devices: 1, webhookUrl: url });
  await simulator.world.activity.whenIdle();
  expect(received).toHaveLength(2);
  for (const { headers, body } of received) {
    const signature = createHmac("sha256", simulator.webhookSecret).update(body).digest("base64");
    expect(headers["x-hmac-signature"]).toBe(signature);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  }
});

test("MicroMDM does not sign and has no ids, but sends the credentials of its address", async () => {
  const { url, received } = await receive();
  const { simulator } = await startMdmCaller({ devices: 1, webhookUrl: url, flavour: "micromdm" });
  await simulator.world.activity.whenIdle();
  const credentials = Buffer.from(`allotment:${simulator.webhookSecret}`).toString("base64");
  for (const { headers, body } of received) {
    expect(headers).not.toHaveProperty("x-hmac-signature");
    expect(headers.authorization).toBe(`Basic ${credentials}`);
    expect(JSON.parse(body).checkin_event).not.toHaveProperty("ids");
  }
});

test("events are lost, doubled and out of order as the switches say, and can be sent again", async () => {
  const { url, received } = await receive();
  const { simulator, control } = await startMdmCaller({ devices: 1 });
  const { world } = simulator;
  await world.activity.whenIdle();
  await control("/webhook", { url });
  const wake = async () => {
    await control("/wake", {});
    await world.activity.whenIdle();
  };
  await control("/switches", { webhookLoss: 1 });
  await wake();
  expect(received).toHaveLength(0);
  await control("/switches", { webhookLoss: 0, webhookDuplicates: 1 });
  await wake();
  expect(received).toHaveLength(2);
  expect(received[0]?.body).toBe(received[1]?.body);
  expect((await control("/repeat-webhooks", { which: "lost" })).body).toEqual({ sent: 1 });
  await control("/switches", { webhookReorder: true });
  received.length = 0;
  await control("/repeat-webhooks", { which: "all" });
  const times = received.map(({ body }) => JSON.parse(body).created_at);
  expect(times).toEqual([...times].sort().reverse());
});
