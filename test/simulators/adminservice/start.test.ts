import { once } from "node:events";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { startAdminServiceSimulator } from "../../../simulators/adminservice/start-adminservice-simulator.js";

const described = async (seed: number) => {
  const simulator = await startAdminServiceSimulator({ seed, devices: 3, users: 2 });
  const { site, account, clientApp } = simulator;
  const text = JSON.stringify([
    site.id,
    account,
    clientApp,
    [...site.users.values()],
    [...site.systems.values()].map(({ udid }) => udid),
  ]);
  await simulator.stop();
  return text;
};

/** What the server shows to who looks. */
async function shownBy(url: string, ca?: string): Promise<{ fingerprint: string; authorized: boolean }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...(ca ? { ca } : {}) });
  await once(socket, "secureConnect");
  const shown = { fingerprint: socket.getPeerX509Certificate()?.fingerprint256 ?? "", authorized: socket.authorized };
  socket.destroy();
  return shown;
}

test("the same seed gives the same site, and another one another", async () => {
  expect(await described(3)).toBe(await described(3));
  expect(await described(3)).not.toBe(await described(4));
});

test.each(["self", "authority"] as const)("it shows the certificate that it tells of, signed by %s", async (kind) => {
  const simulator = await startAdminServiceSimulator({ devices: 1, certificate: kind });
  const { fingerprint, authority, cert } = simulator.certificate();
  expect(await shownBy(simulator.url, authority)).toEqual({ fingerprint, authorized: true });
  expect((await shownBy(simulator.url)).authorized).toBe(false);
  expect(authority === cert).toBe(kind === "self");
  await simulator.stop();
});

test("a port that is taken is told, and nothing is left open", async () => {
  const first = await startAdminServiceSimulator({ devices: 1 });
  const port = Number(new URL(first.controlUrl).port);
  await expect(startAdminServiceSimulator({ controlPort: port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await first.stop();
});
