import type { Holder } from "../assignments.js";
import { type AssignmentRow, holderFields } from "../events/task.js";
import type { Location } from "../location.js";
import type { AssetReference, HolderOrder } from "../write-order.js";

/** A holder that a request names; a user that turns out to be unknown when its turn comes has no `holder`. */
export interface NamedHolder {
  readonly named: { serialNumber: string } | { clientUserId: string };
  readonly holder: Holder | undefined;
}

/** The holders of a request in its order, users first, looked up one by one. */
export function* namedHolders(location: Location, order: HolderOrder): Generator<NamedHolder> {
  for (const clientUserId of order.clientUserIds) {
    yield { named: { clientUserId }, holder: location.users.active(clientUserId) };
  }
  for (const serialNumber of order.serialNumbers) {
    const holder = location.assignments.device(serialNumber);
    yield { named: holderFields(holder), holder };
  }
}

/** An element of a notification about that pair. */
export function assignmentRow(asset: AssetReference, holder: NamedHolder["named"]): AssignmentRow {
  return { adamId: asset.adamId, pricingParam: asset.pricingParam, ...holder };
}

/** What a failure with that holder is about. */
export function holderInfo(holder: NamedHolder["named"]): { clientUserIds: string[] } | { serialNumbers: string[] } {
  return "clientUserId" in holder ? { clientUserIds: [holder.clientUserId] } : { serialNumbers: [holder.serialNumber] };
}
