import type { Task } from "../events/task.js";
import type { Location } from "../location.js";
import type { ServiceRequest } from "../service-request.js";
import type { Switches } from "../switches.js";
import { type HolderOrder, readHolderOrder, requireKnownUsers } from "../write-order.js";
import { assignmentRow, holderInfo, type NamedHolder, namedHolders } from "./holder-tasks.js";

/** Everything revocable from every holder of the request; a holder is one task. */
export function revokeAssets({ world, location, body }: ServiceRequest): object {
  const order = readHolderOrder(body, world.switches.limits);
  if (world.switches.unknownUser === "sync") requireKnownUsers(location, order.clientUserIds);
  const tasks = order.clientUserIds.length + order.serialNumbers.length;
  const event = location.events.start("REVOKE", tasks, revocations(location, order, world.switches));
  return { eventId: event.eventId };
}

function* revocations(location: Location, order: HolderOrder, switches: Switches): Generator<Task> {
  for (const one of namedHolders(location, order)) yield revocation(location, one, switches);
}

function revocation(location: Location, { named, holder }: NamedHolder, switches: Switches): Task {
  const revocable = holder === undefined ? [] : location.heldBy(holder).filter(({ asset }) => asset.item.revocable);
  return {
    run: () => {
      if (holder === undefined) return 9609;
      for (const assignment of revocable) location.unassign(assignment, switches.completeLagMs);
      return undefined;
    },
    rows: () => revocable.map(({ asset }) => assignmentRow(asset.reference, named)),
    info: () => holderInfo(named),
  };
}
