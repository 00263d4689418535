import type { Asset } from "../asset.js";
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

/** Every asset of the request to every holder of it. @throws ServiceError also 9707, and 9609 if switched so. */
export function associateAssets({ world, location, body }: ServiceRequest): object {
  const order = readAssetOrder(body, world.switches.limits);
  requireDeviceAssignable(location, order);
  if (world.switches.unknownUser === "sync") requireKnownUsers(location, order.clientUserIds);
  const tasks = order.assets.length * (order.clientUserIds.length + order.serialNumbers.length);
  const event = location.events.start("ASSOCIATE", tasks, associations(location, order, world.switches));
  return { eventId: event.eventId };
}

function requireDeviceAssignable(location: Location, order: AssetOrder): void {
  if (order.serialNumbers.length === 0) return;
  const wrong = ownedAssets(location, order).filter((asset) => !asset.item.deviceAssignable);
  if (wrong.length === 0) return;
  throw new ServiceError(9707, {
    assets: wrong.map(({ item, pricingParam }) => ({ adamId: item.adamId, pricingParam })),
  });
}

/** What a holder has already is done, or has failed, as the switch says. An asset that the location does not own has no licences. */
function* associations(location: Location, order: AssetOrder, switches: Switches): Generator<Task> {
  for (const reference of order.assets) {
    const asset = location.assets.find(reference.adamId, reference.pricingParam);
    const refusesAll = switches.shortage === "asset" && newHolders(location, order, asset) > (asset?.room ?? 0);
    for (const one of namedHolders(location, order)) {
      yield association(location, reference, one, switches, refusesAll);
    }
  }
}

function association(
  location: Location,
  reference: AssetReference,
  { named, holder }: NamedHolder,
  switches: Switches,
  refused: boolean,
): Task {
  return {
    run: () => {
      if (holder === undefined) return 9609;
      const asset = location.assets.find(reference.adamId, reference.pricingParam);
      if (asset !== undefined && location.assignments.find(asset, holder) !== undefined) {
        return switches.repeats === "failed" ? 9616 : undefined;
      }
      if (asset === undefined || refused || asset.room === 0) return 9709;
      location.assign(asset, holder, switches.completeLagMs);
      return undefined;
    },
    rows: () => [assignmentRow(reference, named)],
    info: (errorNumber) => {
      return errorNumber === 9609 ? holderInfo(named) : { assets: [reference], ...holderInfo(named) };
    },
  };
}

function newHolders(location: Location, order: AssetOrder, asset: Asset | undefined): number {
  const all = [...namedHolders(location, order)];
  return all.filter(({ holder }) => holder && !(asset && location.assignments.find(asset, holder))).length;
}
