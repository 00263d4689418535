import type { Asset } from "../asset.js";
import type { Assignment } from "../assignments.js";
import { type EventType, holderFields, type NotifiedRow } from "../events/task.js";
import { type User, userRow } from "../users.js";
import { managementNotifications } from "./management-notifications.js";
import type { Notifier } from "./notifier.js";

/** Tells of changes that no write of the client caused: those by people, by another MDM, or by a change of something else. */
export class Announcer {
  readonly #notifier: Notifier;

  constructor(notifier: Notifier) {
    this.#notifier = notifier;
  }

  /** @param countDelta by which total and available moved. */
  assetCount({ reference }: Asset, countDelta: number): void {
    void this.#notifier.publish({ type: "ASSET_COUNT", content: { ...reference, countDelta } });
  }

  assignments(type: "ASSOCIATE" | "DISASSOCIATE", changed: Assignment[]): void {
    const rows = changed.map(({ asset, holder }) => ({ ...asset.reference, ...holderFields(holder) }));
    this.#management(type, rows);
  }

  user(type: "CREATE" | "RETIRE", user: User): void {
    this.#management(type, [userRow(user)]);
  }

  userAssociated(user: User): void {
    void this.#notifier.publish({ type: "USER_ASSOCIATED", content: { associatedUsers: [userRow(user)] } });
  }

  #management(type: EventType, rows: NotifiedRow[]): void {
    const eventId = this.#notifier.newId();
    for (const notification of managementNotifications(type, eventId, [{ errorNumber: undefined, rows }])) {
      void this.#notifier.publish(notification);
    }
  }
}
