import { Catalog } from "../../../simulators/apple/catalog.js";
import { type NanoMdmSimulator, startNanoMdmSimulator } from "../../../simulators/nanomdm/start-nanomdm-simulator.js";
import { openStore } from "../../../simulators/nanomdm/store.js";
import { micromdm, nanomdm } from "../../../src/plugins/nanomdm/index.js";
import type { Product } from "./product.js";

/** What the Apple simulator's store has, with its usual seed. */
const catalog = new Catalog(1);

/** Apple's own commands over NanoMDM: no listing, webhooks only. */
export const nanoMdmProduct = productOf("NanoMDM", "nanomdm");

/** The same over MicroMDM, which lists devices but no collections. */
export const microMdmProduct = productOf("MicroMDM", "micromdm");

function productOf(name: string, flavour: "nanomdm" | "micromdm"): Product {
  return {
    name,
    plugin: flavour === "nanomdm" ? nanomdm : micromdm,
    async start({ devices, number }) {
      const simulator = await startNanoMdmSimulator({
        flavour,
        devices,
        seed: number,
        serialPrefix: `${flavour === "nanomdm" ? "NA" : "MI"}${number}X`,
        switches: { replyDelayMs: 1, installMs: 50, removeMs: 5 },
        store: { ...openStore, bundleIdOf: async (adamId) => catalog.app(adamId).bundleId },
      });
      const { url, apiKey, webhookSecret, world, controlUrl } = simulator;
      return {
        settings: { url, apiKey, webhookSecret },
        serials: world.devices.map(({ serialNumber }) => serialNumber),
        collection: null,
        connected: async (webhookUrl) => {
          await post(controlUrl, "/webhook", { url: webhookUrl });
          await post(controlUrl, "/enroll", {});
        },
        installedOn: async (adamId) => countInstalled(simulator, adamId),
        stop: simulator.stop,
      };
    },
  };
}

function countInstalled({ world }: NanoMdmSimulator, adamId: string): number {
  const now = Date.now();
  return world.devices.filter(({ apps }) =>
    [...apps.values()].some((app) => app.adamId === adamId && app.isInstalled(now)),
  ).length;
}

async function post(controlUrl: string, path: string, input: object): Promise<void> {
  const answer = await fetch(`${controlUrl}${path}`, { method: "POST", body: JSON.stringify(input) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}
