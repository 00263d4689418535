import { z } from "zod";
import { last } from "../../http/last.js";
import type { MobileApp } from "../model.js";
import { controlCall } from "./control-call.js";

/** What the tenant knows now; of secrets nothing. */
export const stateCall = controlCall({
  method: "GET",
  path: "/state",
  about: "Tokens, apps with assignments, licenses, installs and reports, groups, devices, and the last requests.",
  input: z.strictObject({ requests: z.coerce.number().int().min(0).max(1_000_000).default(100) }),
  run: (world, { requests }) => ({
    tokens: [...world.tokens.values()],
    apps: [...world.apps.values()].map(describeApp),
    groups: [...world.groups.values()].map((group) => ({ ...group, members: [...group.members] })),
    devices: [...world.devices.values()],
    users: [...world.users.values()],
    permissions: [...world.registration.permissions].sort(),
    pushCertificate: world.pushCertificate,
    plannedFailures: world.disturbances.failures,
    switches: world.switches,
    requests: last(world.requests.entries, requests),
  }),
});

function describeApp({ licenses, installed, installing, report, ...app }: MobileApp): object {
  return {
    ...app,
    licenses: [...licenses.values()],
    installed: [...installed],
    report: [...report].map(([device, row]) => ({ device, ...row, at: new Date(row.at).toISOString() })),
  };
}
