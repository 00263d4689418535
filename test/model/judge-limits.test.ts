import { expect, it } from "vitest";
import { judgeLimits } from "./judge-limits.js";
import type { InstallationSeen, Seen } from "./seen.js";
import { type Device, World } from "./world.js";

const NAMES = Array.from({ length: 6 }, (_, index) => `device${index + 1}`);
const DEVICE: Device = { user: "ann", state: "enrolled", manner: "good" };

/** Ann wants an app on six devices, by her licence. */
function world(): World {
  const world = new World({
    apps: { Notes: { total: 9, revocable: true, deviceAssignable: true } },
    users: { ann: { account: "managed", accepted: false } },
    devices: Object.fromEntries(NAMES.map((name) => [name, DEVICE])),
    collections: { all: { kind: "device", mirrored: false, members: NAMES } },
  });
  world.apply({ what: "deploy", app: "Notes", collection: "all", licensing: "USER", onLeave: "KEEP" }, true);
  return world;
}

/** So many of them have it. */
function seen(count: number): Seen {
  const place = { app: "Notes", kind: "USER", holder: "ann" } as const;
  const [startCause, startedAt] = ["DEPLOYMENT", "2030-01-01T00:00:00Z"];
  const installation = (device: string, at: number): InstallationSeen => ({
    app: "Notes",
    collection: "all",
    device,
    state: at < count ? "INSTALLED" : "NOT_APPLICABLE",
    reason: at < count ? null : "DEVICE_LIMIT",
    left: false,
    license: at < count ? "hers" : null,
  });
  return {
    apple: { licenses: [place], room: new Map([["Notes", 8]]) },
    mdm: { installed: NAMES.slice(0, count).map((device) => ({ app: "Notes", device })) },
    ours: {
      licenses: [{ ...place, id: "hers", state: "HELD", startCause, endCause: null, startedAt, endedAt: null }],
      installations: NAMES.map(installation),
      apps: [],
    },
  };
}

it.each([
  [4, ["6 devices of ann want Notes, and 4 have it"]],
  [5, []],
  [6, ["hers serves 6 devices"]],
])("The judge knows the five devices of a person's licence: of six that want the app, %i have it", (count, faults) => {
  expect(judgeLimits(world(), seen(count))).toEqual(faults);
});
