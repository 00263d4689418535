import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "../../../src/plugins/mock/index.js";
import { numbered, type Product } from "./product.js";

interface Order {
  readonly action: "install" | "remove";
  readonly adamId: string;
  readonly device: string;
}

/** The mock, whose product is a file. */
export const mockProduct: Product = {
  name: "the mock",
  plugin: mock,
  async start({ devices, number }) {
    const directory = await mkdtemp(join(tmpdir(), "mock-stage-"));
    const file = join(directory, "product");
    return {
      settings: { file, seed: number, users: 0, devices: 0, userless: devices, installMs: 20 },
      serials: numbered(devices, (index) => `MK${base36(number, 3)}${base36(index + 1, 7)}`),
      collection: "All devices",
      installedOn: async (adamId) => {
        const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
        const last = new Map(lines.map((line) => JSON.parse(line) as Order).map((order) => [placeOf(order), order]));
        return [...last.values()].filter((order) => order.adamId === adamId && order.action === "install").length;
      },
      stop: () => rm(directory, { recursive: true }),
    };
  },
};

function placeOf({ adamId, device }: Order): string {
  return `${adamId} ${device}`;
}

function base36(value: number, length: number): string {
  return value.toString(36).toUpperCase().padStart(length, "0");
}
