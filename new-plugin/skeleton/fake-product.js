import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const API_KEY = "key-of-the-fake-acme";

/** @typedef {{ id: string, serial: string, user: string | null, refuses: boolean, apps: Set<string> }} Device */
/** @typedef {{ id: string, type: string, adamId: string, device: string, state: string, at: string }} Order */

/**
 * A server that speaks Acme's protocol, as far as the plugin needs it, with devices that do what they are told.
 * @type {import("allotment/plugin-testing").StartFakeProduct}
 */
export async function startFakeProduct({ pageSize, port = 0 }) {
  /** @type {Map<string, Device>} */
  const devices = new Map();
  /** @type {Map<string, Order>} */
  const orders = new Map();

  /**
   * What Acme answers: write it by its documentation. Null: not found.
   * @param {string} method
   * @param {URL} url
   * @param {any} body
   * @returns {unknown}
   */
  function route(method, { pathname }, body) {
    if (method === "GET" && pathname === "/status") return { pageSize, body };
    return null;
  }

  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${API_KEY}`) return response.writeHead(401).end();
    const { method = "", url = "" } = request;
    try {
      const answer = route(method, new URL(url, "http://acme"), method === "GET" ? null : await json(request));
      response.writeHead(answer === null ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    } catch (error) {
      console.error(`The fake product failed at ${method} ${url}:`, error);
      response.writeHead(500).end();
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(null)));
  const { port: listensAt } = /** @type {import("node:net").AddressInfo} */ (server.address());

  return {
    address: `http://127.0.0.1:${listensAt}`,
    settings: (url) => ({ url, apiKey: API_KEY }),
    async enroll({ hasUser, refuses }) {
      const number = devices.size + 1;
      const device = {
        id: `device-${number}`,
        serial: `SERIAL${number}`,
        user: hasUser ? `user-${number}` : null,
        refuses,
      };
      devices.set(device.id, { ...device, apps: new Set() });
      return { externalId: device.id, serial: device.serial, userExternalId: device.user };
    },
    async checkIn() {
      for (const order of orders.values()) {
        const device = devices.get(order.device);
        if (!device || order.state !== "waiting") continue;
        const isInstall = order.type === "install";
        if (isInstall && !device.refuses) device.apps.add(order.adamId);
        if (!isInstall) device.apps.delete(order.adamId);
        order.state = isInstall && device.refuses ? "failed" : "done";
        order.at = new Date().toISOString();
      }
    },
    hasApp: (device, adamId) => devices.get(device)?.apps.has(adamId) ?? false,
    installOrders: (device, adamId) =>
      [...orders.values()].filter(
        (order) => order.type === "install" && order.device === device && order.adamId === adamId,
      ).length,
    removeByHand: (device, adamId) => void devices.get(device)?.apps.delete(adamId),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
