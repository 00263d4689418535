import { z } from "zod";
import {
  type DeviceRecord,
  definePlugin,
  type HolderKind,
  type HolderPage,
  type HolderRecords,
  type StepOutcome,
  type TargetToken,
} from "../../../src/plugins/contract.js";

type Apply = (steps: number) => unknown;

/** A plugin that behaves badly wherever it is told to install something, until it is mended. */
export class BadNeighbour {
  isMended = false;
  /** Calls that hang now. */
  hanging = 0;
  #letGo: () => void = () => undefined;
  #ended = new Promise<void>((resolve) => {
    this.#letGo = resolve;
  });

  /** Ends what hangs, so that a test can end. */
  letGo(): void {
    this.#letGo();
  }

  /** What it answers to so many steps, by the name that its settings give. */
  readonly behaviour = {
    "hangs, and does not end when it is told to": () => this.#hang(),
    "throws a text": () => {
      throw "a text";
    },
    "throws nothing": () => Promise.reject(undefined),
    "throws an error of its own": () => {
      throw new TypeError("steps is not iterable");
    },
    "returns nothing": () => undefined,
    "returns no list": () => ({ outcomes: [] }),
    "returns far more outcomes than there are steps": (steps) =>
      Array.from({ length: 1000 * steps }, (_, index) => ({
        key: `${index}`,
        outcome: "done",
        observedAt: new Date(),
      })),
    "leaks timers and fails": () => {
      for (let timer = 0; timer < 100; timer += 1) setInterval(() => undefined, 1).unref();
      throw new Error("out of timers");
    },
  } satisfies Readonly<Record<string, Apply>>;

  readonly plugin = definePlugin({
    name: "bad-neighbour",
    contract: 1,
    displayName: "Bad neighbour",
    settings: z.object({
      number: z.number().int(),
      devices: z.number().int(),
      does: z.enum(Object.keys(this.behaviour) as [keyof typeof this.behaviour]),
      listingHangs: z.boolean().default(false),
    }),
    licenseAuthority: "service",
    abilities: {
      lists: ["user", "device", "collection"],
      applications: false,
      polls: true,
      webhooks: [],
      network: false,
    },
    connect: ({ number, devices, does, listingHangs }) => ({
      check: async () => ({ ok: true, apns: { state: "valid", expiresAt: null }, findings: [] }),
      listHolders: async <Kind extends HolderKind>(kind: Kind): Promise<HolderPage<Kind>> => {
        if (listingHangs) await this.#hang();
        return { records: holders(number, devices)[kind] as HolderRecords[Kind][], next: null, complete: true };
      },
      apply: async (steps) => {
        if (!this.isMended) return (await (this.behaviour[does] as Apply)(steps.length)) as StepOutcome[];
        return steps.map(({ key }) => ({ key, outcome: "done", observedAt: new Date() }));
      },
      poll: async () => ({ statuses: [], followUps: [] }),
    }),
  });

  /** A product with a token of its own, which it never reads. */
  readonly owner = definePlugin({
    name: "bad-owner",
    contract: 1,
    displayName: "Bad owner",
    settings: z.object({ number: z.number().int() }),
    licenseAuthority: "target",
    abilities: {
      lists: ["user", "device", "collection"],
      applications: false,
      polls: true,
      webhooks: [],
      network: false,
    },
    connect: ({ number }) => ({
      check: async () => ({ ok: true, apns: { state: "valid", expiresAt: null }, findings: [] }),
      listHolders: async () => ({ records: [], next: null, complete: true }),
      apply: async () => [],
      poll: async () => ({ statuses: [], followUps: [] }),
      licenses: {
        tokens: async () => [ownToken(number)],
        sync: async () => {
          await this.#hang();
          return { finished: true };
        },
        apps: async () => ({ records: [], next: null }),
        holders: async () => ({ records: [], next: null }),
        revoke: async () => undefined,
      },
    }),
  });

  async #hang(): Promise<void> {
    this.hanging += 1;
    await this.#ended;
    this.hanging -= 1;
  }
}

function ownToken(number: number): TargetToken {
  return {
    externalId: "1",
    name: `Token ${number}`,
    organization: null,
    locationId: null,
    locationName: null,
    country: null,
    expiresAt: null,
    state: "valid",
  };
}

function holders(number: number, count: number): { readonly [Kind in HolderKind]: readonly HolderRecords[Kind][] } {
  const device = Array.from(
    { length: count },
    (_, index): DeviceRecord => ({
      externalId: `device-${index}`,
      serial: `BAD-${number}-${index}`,
      udid: null,
      name: null,
      platform: "iOS",
      userExternalId: null,
      state: "enrolled",
      lastSeenAt: null,
    }),
  );
  const memberExternalIds = device.map(({ externalId }) => externalId);
  const collection = [{ externalId: "all", name: `bad ${number}`, kind: "device", memberExternalIds }] as const;
  return { user: [], device, collection };
}
