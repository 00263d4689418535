import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StartFakeProduct } from "../../conformance/index.js";
import { type MockOrder, MockProduct } from "../../src/plugins/mock/product.js";

const DEVICES = 200;
const USERLESS = 200;
/** The last ones with numbers like these refuse. */
const REFUSING = 5;
/** Members of the collection "Pilot devices". */
const PILOTS = 5;

/** The mock's own product in a file: what the kit does to it, another process of the mock would do. */
export const fakeMockProduct: StartFakeProduct = async () => {
  const directory = await mkdtemp(join(tmpdir(), "mock-conformance-"));
  const file = join(directory, "product");
  const refusing = Array.from({ length: REFUSING }, (_, index) => `device-${DEVICES + USERLESS - index}`);
  let collections = 0;
  const enrolled = { withUser: 0, userless: 0, refusing: 0 };
  const orders = async (device: string, adamId: string): Promise<MockOrder[]> => {
    const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    return lines
      .map((line) => JSON.parse(line) as MockOrder)
      .filter((one) => one.device === device && one.adamId === adamId);
  };
  const next = (hasUser: boolean, refuses: boolean): number => {
    if (refuses) return DEVICES + USERLESS - enrolled.refusing++;
    return hasUser ? ++enrolled.withUser : DEVICES + ++enrolled.userless;
  };
  return {
    address: null,
    settings: () => ({
      file,
      users: DEVICES,
      devices: DEVICES,
      userless: USERLESS,
      installMs: 0,
      script: [{ devices: refusing, action: "install", outcome: "failed" }],
    }),
    async enroll({ hasUser, refuses }) {
      const number = next(hasUser, refuses);
      const serial = `MK001${number.toString(36).toUpperCase().padStart(7, "0")}`;
      return { externalId: `device-${number}`, serial, userExternalId: hasUser ? `user-${number}` : null };
    },
    /** The mock's collections are given; these two are of devices. */
    async addCollection() {
      const [externalId, size] = collections++ === 0 ? ["all-devices", DEVICES + USERLESS] : ["pilot-devices", PILOTS];
      return { externalId, memberExternalIds: Array.from({ length: size }, (_, index) => `device-${index + 1}`) };
    },
    checkIn: async () => undefined,
    async hasApp(device, adamId) {
      return (await orders(device, adamId)).at(-1)?.action === "install" && !refusing.includes(device);
    },
    installOrders: async (device, adamId) =>
      (await orders(device, adamId)).filter(({ action }) => action === "install").length,
    removeByHand: (device, adamId) =>
      new MockProduct(file).take([{ key: "by hand", action: "remove", adamId, device, at: Date.now() }]),
    stop: () => rm(directory, { recursive: true }),
  };
};
