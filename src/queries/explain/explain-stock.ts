import type { ServedFirstCause } from "../served-first.js";
import type { ExplainFacts } from "./explain-facts.js";
import { type Link, moment } from "./link.js";

/** Why there is no licence for it yet, its place in the queue, and who was served first. */
export function explainStock(facts: ExplainFacts): Link[] {
  const { app, now, installation } = facts;
  const what = app.name ?? app.adamId;
  const links: Link[] = [
    {
      cause: "OUT_OF_STOCK",
      evidence: `${free(facts, what)} ${place(facts)}`,
      nextAction:
        "Buy more licences, take back some that are not used, or release some that are reserved: the queue moves by itself.",
      whoHasToAct: "ADMIN",
      since: facts.queue?.queuedAt ?? installation.stateAt,
    },
    ...facts.servedFirst.map(servedFirst),
  ];
  if (app.unlistedAt !== null) {
    links.push({
      cause: "APP_UNLISTED",
      evidence: `Since ${moment(app.unlistedAt)} Apple no longer lists ${what} for this token: none of its licences can be claimed.`,
      nextAction: "Look at Apple whether its licences were refunded or moved.",
      whoHasToAct: "ADMIN",
      since: app.unlistedAt,
    });
  }
  if (app.claimsResumeAt !== null && app.claimsResumeAt > now) {
    links.push({
      cause: "CLAIMS_PAUSED",
      evidence: `Apple refused a claim for want of licences (9709), whatever its counts say: none is made before ${moment(app.claimsResumeAt)}.`,
      nextAction: "It is tried again by itself then.",
      whoHasToAct: "ALLOTMENT",
      since: null,
    });
  }
  return links;
}

function free({ app }: ExplainFacts, what: string): string {
  if (app.freeCount === null) return `${what} has licences without a bound.`;
  const are = app.freeCount === 1 ? "1 licence" : `${app.freeCount} licences`;
  return `${are} of ${what} free, as of ${moment(app.countsAt)}${app.freeCount > 0 ? ", kept for others or for who comes first" : ""}.`;
}

function place({ queue }: ExplainFacts): string {
  if (queue === null) return "It has no place in the queue yet.";
  const lane = queue.reservationId === null ? "of all" : "of its collection's reservation";
  const ahead = queue.position === 1 ? "nobody" : String(queue.position - 1);
  return `It is number ${queue.position} in the lane ${lane}, with ${ahead} ahead, priority ${queue.priority}, in the queue since ${moment(queue.queuedAt)}.`;
}

const WHY: Readonly<Record<ServedFirstCause, string>> = {
  RESERVED: "licences were reserved for that collection",
  WAITED_ELSEWHERE: "this one did not wait for stock then, but for its user or its own last licence",
  CLAIM_REFUSED: "this one had claimed one, too, which Apple refused for want of licences (9709)",
  ORDER_CHANGED: "priorities were different then",
};

const WHAT_TO_DO: Readonly<Record<ServedFirstCause, string>> = {
  RESERVED: "Call releaseReservation, or reserve licences for this collection, too.",
  WAITED_ELSEWHERE: "Change the deployment's priority if it is to come first.",
  CLAIM_REFUSED: "It has kept its turn, and claims again by itself; buy more licences if Apple goes on refusing.",
  ORDER_CHANGED: "Change the deployment's priority if it is to come first.",
};

function servedFirst({ cause, collection, count, lastAt }: ExplainFacts["servedFirst"][number]): Link {
  const whom = collection === null ? "a collection that is deleted" : `"${collection}"`;
  const licences = count === 1 ? "1 licence" : `${count} licences`;
  return {
    cause: "SERVED_FIRST",
    evidence: `${licences} went to ${whom} though its turn comes later, the last one at ${moment(lastAt)}: ${WHY[cause]}.`,
    nextAction: WHAT_TO_DO[cause],
    whoHasToAct: "ADMIN",
    since: lastAt,
  };
}
