import type { Asset } from "../asset.js";
import type { Holder } from "../assignments.js";
import { type ErrorBody, type ErrorInfo, errorBody, ServiceError } from "../errors.js";
import type { Outcome } from "../event-log.js";
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
import { findHolders } from "./find-holders.js";

/** Every asset of the request to every holder of it. @throws ServiceError also 9707, and 9609 if switched so. */
export function associateAssets({ world, location, body }: ServiceRequest): object {
  const order = readAssetOrder(body, world.switches.limits);
  requireDeviceAssignable(location, order);
  if (world.switches.unknownUser === "sync") requireKnownUsers(location, order.clientUserIds);
  const tasks = order.assets.length * (order.clientUserIds.length + order.serialNumbers.length);
  const event = location.events.start("ASSOCIATE", tasks, () => associate(location, order, world.switches));
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

/** What a holder has already counts as done. An asset that the location does not own has no licences. */
function associate(location: Location, order: AssetOrder, { shortage }: Switches): Outcome {
  const { holders, failures } = findHolders(location, order);
  let completed = 0;
  for (const reference of order.assets) {
    const asset = location.assets.find(reference.adamId, reference.pricingParam);
    const missing = holders.filter((holder) => !asset || !location.assignments.find(asset, holder));
    const granted = grantedTo(asset, missing, shortage);
    for (const holder of granted) if (asset) location.assign(asset, holder);
    const refused = missing.slice(granted.length);
    completed += holders.length - refused.length;
    if (refused.length > 0) failures.push(shortageFailure(reference, refused));
  }
  location.commit();
  return { completed, failures };
}

function grantedTo(asset: Asset | undefined, missing: Holder[], shortage: Switches["shortage"]): Holder[] {
  const room = Math.max(0, asset?.availableCount ?? 0);
  if (shortage === "asset" && missing.length > room) return [];
  return missing.slice(0, room);
}

function shortageFailure(reference: AssetReference, refused: Holder[]): ErrorBody {
  const info: ErrorInfo = { assets: [reference] };
  const clientUserIds = refused.flatMap((holder) => (holder.kind === "user" ? holder.clientUserId : []));
  const serialNumbers = refused.flatMap((holder) => (holder.kind === "device" ? holder.serialNumber : []));
  if (clientUserIds.length > 0) info.clientUserIds = clientUserIds;
  if (serialNumbers.length > 0) info.serialNumbers = serialNumbers;
  return errorBody(9709, info);
}
