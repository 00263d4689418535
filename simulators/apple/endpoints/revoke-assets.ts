import type { Outcome } from "../event-log.js";
import type { Location } from "../location.js";
import type { ServiceRequest } from "../service-request.js";
import { type HolderOrder, readHolderOrder, requireKnownUsers } from "../write-order.js";
import { findHolders } from "./find-holders.js";

/** Everything revocable from every holder of the request; a holder is one task. */
export function revokeAssets({ world, location, body }: ServiceRequest): object {
  const order = readHolderOrder(body, world.switches.limits);
  if (world.switches.unknownUser === "sync") requireKnownUsers(location, order.clientUserIds);
  const tasks = order.clientUserIds.length + order.serialNumbers.length;
  const event = location.events.start("REVOKE", tasks, () => revoke(location, order));
  return { eventId: event.eventId };
}

function revoke(location: Location, order: HolderOrder): Outcome {
  const { holders, failures } = findHolders(location, order);
  for (const holder of holders) {
    for (const assignment of [...holder.assignments]) {
      if (assignment.asset.item.revocable) location.unassign(assignment);
    }
  }
  location.commit();
  return { completed: holders.length, failures };
}
