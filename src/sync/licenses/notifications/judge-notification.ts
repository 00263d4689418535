import type { Interpretation } from "./interpret-notification.js";

/** What is known here of the place that notifications are about. */
export interface NotificationFacts {
  /** The token's operations by the id of the event they became. */
  readonly operations: ReadonlyMap<string, { readonly id: string; readonly sent: boolean }>;
  /** An operation is being sent: the id of its event is not known yet (rule 2). */
  readonly sending: boolean;
  /** The ids of the token's apps that Apple lists, by `appKey`. */
  readonly apps: ReadonlyMap<string, string>;
}

/** What follows from a notification. `outcome` is kept with it. */
export type Verdict =
  | { readonly next: "wait" }
  | { readonly next: "nothing"; readonly outcome: string }
  /** The operation's event is looked at now. */
  | { readonly next: "look"; readonly operationId: string; readonly outcome: string }
  /** The app's counts are read anew. */
  | { readonly next: "count"; readonly storeAppId: string; readonly outcome: string }
  /** What has changed is read: at once where people wait for it. */
  | { readonly next: "sync"; readonly atOnce: boolean; readonly outcome: string };

export function appKey(adamId: string, pricingParam: string): string {
  return `${adamId}:${pricingParam}`;
}

/**
 * A notification is a hint, never the truth: it brings forward a question to Apple, whose answer decides.
 * @param patient whether it is young enough to wait until it is known whose event it tells of.
 */
export function judgeNotification(read: Interpretation, facts: NotificationFacts, patient: boolean): Verdict {
  switch (read.about) {
    case "change":
      return judgeChange(read.eventId, facts, patient);
    case "stock": {
      const storeAppId = facts.apps.get(appKey(read.adamId, read.pricingParam));
      if (storeAppId) return { next: "count", storeAppId, outcome: "The app's counts were read again." };
      return { next: "sync", atOnce: false, outcome: "An app that is not here: what has changed is read." };
    }
    case "person":
      return { next: "sync", atOnce: true, outcome: "An invitation was accepted: what has changed is read at once." };
    case "test":
      return { next: "nothing", outcome: "A test: Apple reaches us." };
    case "nothing":
      return { next: "nothing", outcome: `Passed over. ${read.why}` };
  }
}

function judgeChange(eventId: string | null, facts: NotificationFacts, patient: boolean): Verdict {
  const ours = eventId === null ? undefined : facts.operations.get(eventId);
  if (ours?.sent) return { next: "look", operationId: ours.id, outcome: "Our own operation: its event is looked at." };
  if (ours) return { next: "nothing", outcome: "Our own operation, which needs no hint." };
  if (eventId !== null && facts.sending && patient) return { next: "wait" };
  return { next: "sync", atOnce: false, outcome: "A change that is not ours: what has changed is read." };
}
