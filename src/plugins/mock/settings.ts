import { z } from "zod";

const count = (most: number) => z.number().int().min(0).max(most);

/** What the pretended product is like. */
export const mockSettings = z.object({
  /** Targets with the same world, seed and counts see the same product; it lives in this process. */
  world: z.string().min(1).default("default"),
  /** A path: the product then keeps its state there, survives a restart and is shared by several processes. */
  file: z.string().min(1).optional(),
  /** Makes the serial numbers of one world differ from those of another. */
  seed: count(46_655).default(1),
  users: count(1_000_000).default(20),
  /** Devices with a user, dealt out in turn. */
  devices: count(1_000_000).default(25),
  /** Devices without a user. */
  userless: count(1_000_000).default(2),
  /** Every how many-th user has no Managed Apple Account, and so needs an invitation; 0 for none. */
  invitedEvery: count(1_000_000).default(5),
  /** How long the product takes to answer a call, in milliseconds. */
  latencyMs: count(60_000).default(0),
  /** The part of all calls that fails for the moment. */
  failureRate: z.number().min(0).max(1).default(0),
  /** How long an install or a removal takes, in milliseconds. */
  installMs: count(86_400_000).default(500),
  /** Ids of devices that refuse every install. */
  fail: z.array(z.string()).default([]),
  apns: z.enum(["valid", "missing", "expired"]).default("valid"),
});

export type MockSettings = z.infer<typeof mockSettings>;
