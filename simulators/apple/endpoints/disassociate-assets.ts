import { ServiceError } from "../errors.js";
import type { Outcome } from "../event-log.js";
import type { Location } from "../location.js";
import type { ServiceRequest } from "../service-request.js";
import { type AssetOrder, ownedAssets, readAssetOrder, requireKnownUsers } from "../write-order.js";
import { findHolders } from "./find-holders.js";

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
  const event = location.events.start("DISASSOCIATE", tasks, () => disassociate(location, order));
  return { eventId: event.eventId };
}

/** What a holder does not have counts as done. */
function disassociate(location: Location, order: AssetOrder): Outcome {
  const { holders, failures } = findHolders(location, order);
  for (const asset of ownedAssets(location, order)) {
    for (const holder of holders) {
      const assignment = location.assignments.find(asset, holder);
      if (assignment !== undefined) location.unassign(assignment);
    }
  }
  location.commit();
  return { completed: order.assets.length * holders.length, failures };
}
