import { z } from "zod";
import { last } from "../../http/last.js";
import { controlCall } from "./control-call.js";

/** What the simulated side knows now; no password and no token. */
export const stateCall = controlCall({
  method: "GET",
  path: "/state",
  about:
    "Devices with their apps, users, collections, applications, deployments, rows, and requests; of requests the last `limit`.",
  input: z.strictObject({ limit: z.coerce.number().int().min(0).max(1_000_000).default(10_000) }),
  run: ({ site }, { limit }) => ({
    siteCode: site.code,
    switches: site.switches,
    waiting: site.timeline.pending,
    devices: [...site.systems.values()].map(({ installed, outcomes, ...system }) => ({
      ...system,
      installed: [...installed],
      outcomes: Object.fromEntries(outcomes),
    })),
    users: [...site.users.values()],
    collections: [...site.collections.rows.values()].map((collection) => ({
      id: collection.CollectionID,
      name: collection.name,
      rules: collection.rules,
      members: [...site.collections.membersOf(collection).keys()],
    })),
    applications: site.applications.rows.map(({ digest, ...application }) => application),
    deployments: [...site.assignments.rows.values()].map(({ application, ...assignment }) => ({
      ...assignment,
      adamId: application.adamId,
    })),
    rows: site.reports.rows().map(({ assignment, system, code }) => ({
      AssignmentID: assignment.AssignmentID,
      MachineID: system.ResourceID,
      code,
    })),
    requests: last(site.requests.entries, limit),
  }),
});
