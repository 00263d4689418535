import { ServiceError } from "../errors.js";
import type { Task } from "../events/task.js";
import type { Location } from "../location.js";
import type { ServiceRequest } from "../service-request.js";
import type { Switches } from "../switches.js";
import {
  type AssetOrder,
  type AssetReference,
  ownedAssets,
  readAssetOrder,
  requireKnownUsers,
} from "../write-order.js";
import { assignmentRow, holderInfo, type NamedHolder, namedHolders } from "./holder-tasks.js";

/** Every asset of the request from every holder of it. @throws ServiceError also 9706, and 9609 if switched so. */
export function disassociateAssets({ world, location, body }: ServiceRequest): object {
  const order = readAssetOrder(body, world.switches.limits);
  const wrong = ownedAssets(location, order).filter((asset) => !asset.item.revocable);
  if (wrong.length > 0) {
    throw new ServiceError(9706, {
      assets: wrong.map(({ item, pricingParam }) => ({ adamId: item.adamId, pricingParam })),
    });
  }
  if (world.switches.unknownUser === "sync") requireKnownUsers(location, order.clientUserIds);
  const tasks = order.assets.length * (order.clientUserIds.length + order.serialNumbers.length);
  const event = location.events.start("DISASSOCIATE", tasks, disassociations(location, order, world.switches));
  return { eventId: event.eventId };
}

function* disassociations(location: Location, order: AssetOrder, switches: Switches): Generator<Task> {
  for (const reference of order.assets) {
    for (const one of namedHolders(location, order)) yield disassociation(location, reference, one, switches);
  }
}

/** What a holder does not have is done, or has failed, as the switch says. */
function disassociation(
  location: Location,
  reference: AssetReference,
  { named, holder }: NamedHolder,
  switches: Switches,
): Task {
  return {
    run: () => {
      if (holder === undefined) return 9609;
      const asset = location.assets.find(reference.adamId, reference.pricingParam);
      const assignment = asset && location.assignments.find(asset, holder);
      if (assignment === undefined) return switches.repeats === "failed" ? 9619 : undefined;
      location.unassign(assignment, switches.completeLagMs);
      return undefined;
    },
    rows: () => [assignmentRow(reference, named)],
    info: () => holderInfo(named),
  };
}
