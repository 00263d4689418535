import { z } from "zod";
import { last } from "../../http/last.js";
import type { Location } from "../location.js";
import type { World } from "../world.js";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation } from "./inputs.js";

/** What the simulated side knows now; no token, and of secrets only whether they are set. */
export const stateCall = controlCall({
  method: "GET",
  path: "/state",
  about:
    "Counts, assets, assignments, users, events, mdmInfo, the most reads of one list at a time, and the requests; of each " +
    "list the first `limit` rows, of requests the last.",
  input: z.strictObject({ ...locationInput, limit: z.coerce.number().int().min(0).max(1_000_000).default(10_000) }),
  run: (world, { location, limit }) => {
    const locations = location === undefined ? world.locations : [requireLocation(world, { location })];
    return {
      locations: locations.map((one) => describeLocation(one, limit)),
      switches: world.switches,
      ...describeDisturbances(world),
      mostReadsAtOnce: world.readsAtOnce.most,
      requests: last(world.requests.entries, limit),
    };
  },
});

function describeDisturbances({ disturbances }: World): object {
  return {
    slowMs: disturbances.slowMs,
    unavailable: disturbances.unavailability ?? null,
    heldRequests: disturbances.heldCount,
    plannedFailures: disturbances.failures,
  };
}

function describeLocation(location: Location, limit: number): object {
  const { identity, assets, assignments, users, events, notifications, notifier, token } = location;
  const eventList = events.list();
  return {
    ...identity,
    mdmInfo: location.mdmInfo ?? null,
    token: {
      kind: token.kind,
      account: token.account,
      expiresAt: token.expiresAt.toISOString(),
      revoked: token.revoked,
    },
    notifications: {
      url: notifications.url ?? null,
      types: notifications.types,
      ...notifier.counts,
      pending: notifier.pending,
    },
    counts: {
      assets: assets.rows.length,
      assignments: assignments.rows.size,
      users: users.rows.size,
      events: eventList.length,
      pendingEvents: eventList.filter((event) => event.eventStatus === "PENDING").length,
    },
    assets: assets.rows.slice(0, limit).map((asset) => ({
      adamId: asset.item.adamId,
      pricingParam: asset.pricingParam,
      name: asset.item.name,
      bundleId: asset.item.bundleId ?? null,
      totalCount: asset.totalCount,
      assignedCount: asset.assignedCount,
      availableCount: asset.availableCount,
      retiredCount: asset.retiredCount,
    })),
    assignments: assignments.rows.slice(0, limit).map(({ asset, holder }) => ({
      adamId: asset.item.adamId,
      pricingParam: asset.pricingParam,
      ...(holder.kind === "device" ? { serialNumber: holder.serialNumber } : { clientUserId: holder.clientUserId }),
    })),
    users: users.rows.slice(0, limit).map(({ clientUserId, email, status, inviteCode, idHash }) => {
      return { clientUserId, email, status, inviteCode, idHash };
    }),
    events: eventList.slice(0, limit),
  };
}
