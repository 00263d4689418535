import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { definePlugin, PluginError } from "../../../src/plugins/contract.js";
import { prepareTarget } from "../../../src/sync/targets/add-target.js";
import { eventually } from "../../support/eventually.js";
import { forget } from "../../support/forget.js";
import { makeCertificate, startTlsServer, type TlsServer } from "../../support/tls-server.js";
import { createTargetWorld, type TargetWorld } from "./target-world.js";

/** Speaks over both kinds of socket of a channel, and never closes anything. */
const chatty = definePlugin({
  name: "chatty",
  contract: 1,
  displayName: "Chatty",
  settings: z.object({ url: z.url(), authority: z.string(), broken: z.boolean().default(false) }),
  licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: [], network: true },
  async connect({ url, authority, broken }, { openChannel }) {
    const channel = openChannel({ certificate: { authority } });
    const talk = async (signal: AbortSignal) => {
      await channel.fetch(url, { signal });
      await channel.exchange(signal, (fetch) => fetch(url, { signal }));
    };
    if (broken) {
      await talk(new AbortController().signal);
      throw new PluginError("config", "Broken.");
    }
    return {
      check: async (signal) => {
        await talk(signal);
        return { ok: true, apns: { state: "valid", expiresAt: null }, findings: [] };
      },
      listHolders: async () => ({ records: [], next: null, complete: true }),
      apply: async () => [],
      poll: async () => ({ statuses: [], followUps: [] }),
    };
  },
});

let world: TargetWorld;
let server: TlsServer;
let settings: { url: string; authority: string };
beforeAll(async () => {
  const certificate = await makeCertificate("mdm.example", { ip: "127.0.0.1" });
  server = await startTlsServer(certificate, (_request, response) => response.end());
  settings = { url: server.url, authority: certificate.cert };
  world = await createTargetWorld([chatty]);
});
afterAll(async () => {
  await world.stop();
  await server.stop();
});
const noSocket = async () => ((await server.sockets()) === 0 ? true : null);
beforeEach(() => forget(world.core.dataSource, "target"));

test("the sockets of a connection are open while it lives, and released with it", async () => {
  const id = await world.add("chatty", settings);
  await eventually(noSocket);
  await world.core.targets.use(id, 1_000, (connection, signal) => connection.check(signal));
  expect(await server.sockets()).toBe(2);
  await world.core.targets.forget(id);
  await eventually(noSocket);
});

test("the sockets of a connection that was never made are released, too", async () => {
  const refused = prepareTarget(world.core, {
    plugin: "chatty",
    name: "Main",
    settings: { ...settings, broken: true },
  });
  await expect(refused).rejects.toMatchObject({ code: "TARGET_REJECTED" });
  await eventually(noSocket);
});
