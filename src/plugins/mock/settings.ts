import { z } from "zod";
import { script } from "./script.js";

const MOST = 1_000_000;
const count = (most: number) => z.number().int().min(0).max(most);

/** What the pretended product is like. */
export const mockSettings = z
  .object({
    world: z
      .string()
      .min(1)
      .default("default")
      .describe("Targets with the same world and seed see the same product; it lives in this process."),
    file: z
      .string()
      .min(1)
      .optional()
      .describe("A path: the product keeps its orders there, survives a restart and is shared by several processes."),
    seed: count(46_655).default(1).describe("Makes the serial numbers of one world differ from those of another."),
    users: count(MOST).default(20).describe("How many users there are."),
    devices: count(MOST).default(25).describe("Devices with a user, dealt out in turn."),
    userless: count(MOST).default(2).describe("Devices without a user."),
    invitedEvery: count(MOST)
      .default(5)
      .describe("Every how many-th user has no Managed Apple Account, and so needs an invitation; 0 for none."),
    latencyMs: count(60_000).default(0).describe("How long the product takes to answer a call, in milliseconds."),
    failureRate: z.number().min(0).max(1).default(0).describe("The part of all calls that fails for the moment."),
    installMs: count(86_400_000).default(500).describe("How long an install or a removal takes, in milliseconds."),
    script: script.default([]).describe("What becomes of which order, rule by rule; the first that fits counts."),
    apns: z.enum(["valid", "missing", "expired"]).default("valid").describe("The product's Apple Push certificate."),
    apnsExpiresAt: z.iso
      .datetime()
      .optional()
      .describe("When that certificate expires; left out: the product does not tell."),
  })
  .superRefine(({ devices, userless, script: rules }, context) => {
    for (const [index, { devices: named = [] }] of rules.entries()) {
      for (const [place, device] of named.entries()) {
        if (Number(device.slice("device-".length)) <= devices + userless) continue;
        const message = `${device} does not exist: the product has ${devices + userless} devices`;
        context.addIssue({ code: "custom", path: ["script", index, "devices", place], message });
      }
    }
  });

export type MockSettings = z.infer<typeof mockSettings>;
