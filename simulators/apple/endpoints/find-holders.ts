import type { Holder } from "../assignments.js";
import { type ErrorBody, errorBody } from "../errors.js";
import type { Location } from "../location.js";
import type { HolderOrder } from "../write-order.js";

/** The holders of a request in its order, users first; each unknown user is one failure. */
export function findHolders(location: Location, order: HolderOrder): { holders: Holder[]; failures: ErrorBody[] } {
  const holders: Holder[] = [];
  const failures: ErrorBody[] = [];
  for (const clientUserId of order.clientUserIds) {
    const user = location.users.active(clientUserId);
    if (user === undefined) failures.push(errorBody(9609, { clientUserIds: [clientUserId] }));
    else holders.push(user);
  }
  for (const serialNumber of order.serialNumbers) holders.push(location.assignments.device(serialNumber));
  return { holders, failures };
}
