import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppleSimulatorOptions } from "../../simulators/apple/start-apple-simulator.js";
import { controlApple, holdersAtApple } from "../support/control-apple.js";
import { startTestService, type TestService } from "../support/service.js";
import { type AppSeen, addTarget, addToken, appById, apps, collectionNamed, deploy, importHolders } from "./story.js";

/** The app that an office has bought. */
const ADAM_ID = "6440009001";

export interface OfficeOptions {
  /** How many licences of its app the office has. */
  readonly licenses: number;
  /** Of the pretended MDM. */
  readonly mock: Readonly<Record<string, unknown>>;
  readonly apple?: AppleSimulatorOptions;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A service with one token, one app with so many licences, and one pretended MDM whose holders have come in. */
export interface Office extends TestService {
  readonly token: string;
  readonly target: string;
  readonly app: AppSeen;
  control(call: string, input?: Record<string, unknown>): Promise<void>;
  /** Buys more licences of the app. */
  buy(count: number): Promise<void>;
  /** Who holds the app at Apple itself. */
  holders(): string[];
  /** The app as the API shows it now. */
  counts(): Promise<AppSeen>;
  /** Deploys the app to the collection of that name. */
  deployTo(collection: string, licensing: "USER" | "DEVICE"): Promise<string>;
  /** What the MDM was told so far, as `install` or `remove` with the device's id there. */
  orders(): Promise<{ action: "install" | "remove"; device: string }[]>;
}

export async function startOffice({ licenses, mock, apple = {}, environment = {} }: OfficeOptions): Promise<Office> {
  const service = await startTestService({ apple: { domain: "allotment.example", ...apple }, environment });
  const directory = await mkdtemp(join(tmpdir(), "allotment-office-"));
  const file = join(directory, "mock.json");
  const control = (call: string, input?: Record<string, unknown>) => controlApple(service.apple, call, input);
  const buy = (count: number) => control("/purchase", { adamId: ADAM_ID, count });
  await buy(licenses);

  const settings = { world: directory, file, users: 0, devices: 0, userless: 0, invitedEvery: 0, installMs: 50 };
  const target = await addTarget(service.api, "mock", { ...settings, ...mock });
  const token = await addToken(service.api, service.apple.tokenFile);
  await importHolders(service.api, target);
  const app = (await apps(service.api, token)).find(({ adamId }) => adamId === ADAM_ID);
  if (!app) throw new Error("The app did not come in");
  return {
    ...service,
    token,
    target,
    app,
    control,
    buy,
    holders: () => holdersAtApple(service.apple, ADAM_ID),
    counts: () => appById(service.api, app.id),
    deployTo: async (name, licensing) => {
      const collection = await collectionNamed(service.api, name);
      return deploy(service.api, { storeApp: app.id, collection, target, licensing });
    },
    orders: async () => {
      const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
      return lines.map((line) => JSON.parse(line));
    },
    stop: async () => {
      await service.stop();
      await rm(directory, { recursive: true });
    },
  };
}
