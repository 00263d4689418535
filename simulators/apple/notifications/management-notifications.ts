import { assetKey } from "../asset.js";
import { errorBody } from "../errors.js";
import type { EventType, FinishedTask, NotifiedRow } from "../events/task.js";
import type { Notification } from "./notifier.js";

const MAX_ELEMENTS = 100;

/**
 * ASSET_MANAGEMENT or USER_MANAGEMENT for finished tasks of one event: one a success or error, asset and hundred elements,
 * as in the field report of 250 POSTs for 25 apps and 1000 devices.
 */
export function managementNotifications(eventType: EventType, eventId: string, tasks: FinishedTask[]): Notification[] {
  const groups = new Map<string, { errorNumber: number | undefined; rows: NotifiedRow[] }>();
  for (const { errorNumber, rows } of tasks) {
    for (const row of rows) {
      const asset = "adamId" in row ? assetKey(row.adamId, row.pricingParam) : "";
      const key = `${asset} ${errorNumber ?? ""}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { errorNumber, rows: [row] });
      else group.rows.push(row);
    }
  }
  return [...groups.values()].flatMap(({ errorNumber, rows }) =>
    hundreds(rows).map((elements) => notification(eventType, eventId, elements, errorNumber)),
  );
}

function notification(
  eventType: EventType,
  eventId: string,
  elements: NotifiedRow[],
  errorNumber: number | undefined,
): Notification {
  const ofUsers = eventType === "CREATE" || eventType === "UPDATE" || eventType === "RETIRE";
  return {
    type: ofUsers ? "USER_MANAGEMENT" : "ASSET_MANAGEMENT",
    content: {
      type: eventType,
      result: errorNumber === undefined ? "SUCCESS" : "FAILURE",
      eventId,
      [ofUsers ? "users" : "assignments"]: elements,
      ...(errorNumber === undefined ? {} : { error: errorBody(errorNumber) }),
    },
  };
}

function hundreds(rows: NotifiedRow[]): NotifiedRow[][] {
  const parts: NotifiedRow[][] = [];
  for (let start = 0; start < rows.length; start += MAX_ELEMENTS) parts.push(rows.slice(start, start + MAX_ELEMENTS));
  return parts;
}
