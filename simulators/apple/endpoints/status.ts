import { ServiceError } from "../errors.js";
import type { ServiceRequest } from "../service-request.js";

/** How an accepted write stands. @throws ServiceError 9708 for an event of another location, too. */
export function readStatus({ location, query }: ServiceRequest): object {
  const event = location.events.find(query.get("eventId") ?? "");
  if (event === undefined) throw new ServiceError(9708);
  const { eventStatus, eventType, numRequested, numCompleted, failures } = event;
  return { eventStatus, eventType, numRequested, numCompleted, ...(failures.length === 0 ? {} : { failures }) };
}
