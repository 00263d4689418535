/**
 * `token`: nothing works with this token before an admin acts. `retryable`: the same request may work later.
 * `permanent`: Apple's final no to this very request.
 */
export type AppleErrorKind = "token" | "retryable" | "permanent";

/** One of Apple's error numbers, in words for an admin. */
export interface ErrorDescription {
  readonly kind: AppleErrorKind;
  /** What is so, in a sentence. */
  readonly detail: string;
  /** What to do, in a sentence. */
  readonly remedy: string;
}

const RENEW = "Download a new token file at Apple and renew the token here.";
const WAIT = "Nothing is to be done: it is tried again by itself.";
const REPORT = "Report this with the time it happened: Allotment should not have sent such a request.";

/**
 * Every number of Apple's tables for the v2 service, synchronous and in events, with 9622, which only production answers.
 * Source: Apple, "Handling error responses"; the kinds are ours.
 */
const TABLE: Readonly<Record<number, readonly [kind: AppleErrorKind, detail: string, remedy: string]>> = {
  9601: ["token", "Apple got no token with the request.", RENEW],
  9602: ["permanent", "Apple does not accept an argument of the request.", REPORT],
  9603: ["retryable", "Apple met an internal error.", WAIT],
  9609: ["permanent", "Apple knows no registered user of this id.", "Synchronize the token, then retry."],
  9621: ["token", "The token has expired.", RENEW],
  9622: ["token", "Apple does not know the token.", RENEW],
  9623: ["permanent", "Apple does not accept the push token.", REPORT],
  9625: [
    "token",
    "Apple has revoked the token, as it does when a newer one is downloaded or its account's password changes.",
    RENEW,
  ],
  9634: ["permanent", "Apple no longer offers this service.", "Update Allotment."],
  9635: [
    "permanent",
    "The Managed Apple Account cannot be linked to this user.",
    "Check that the account exists in the organization that owns the token.",
  ],
  9637: [
    "token",
    "The account that made the token may not do this.",
    "Download the token with an account that may manage apps and books, and renew it here.",
  ],
  9641: [
    "permanent",
    "The Managed Apple Account is linked to another user of this location already.",
    "Retire the other registration, or correct the user's Managed Apple Account.",
  ],
  9644: ["retryable", "Apple's service is closed for maintenance.", WAIT],
  9646: ["retryable", "Apple was asked too often for this organization.", WAIT],
  9647: ["token", "Apple does not serve tokens of the old kind here.", RENEW],
  9650: ["permanent", "The list at Apple has fewer pages by now.", "Synchronize the token again."],
  9700: ["permanent", "The request named too many apps.", REPORT],
  9701: ["permanent", "The request named too many users.", REPORT],
  9702: ["permanent", "The request named too many devices.", REPORT],
  9703: ["permanent", "The request named an app twice.", REPORT],
  9704: ["permanent", "The request named a user twice.", REPORT],
  9705: ["permanent", "The request named a device twice.", REPORT],
  9706: [
    "permanent",
    "Licenses of this app cannot be taken back.",
    "Leave the license where it is: Apple does not return books and some apps.",
  ],
  9707: ["permanent", "Licenses of this app cannot be given to devices.", "Deploy it with user licensing."],
  9708: ["permanent", "Apple does not know the event any more.", WAIT],
  9709: ["permanent", "Apple has not enough licenses of this app.", "Buy more licenses at Apple, or take some back."],
  9710: ["permanent", "A notification address needs its secret and the other way round.", REPORT],
  9711: ["permanent", "The notification address or its secret is too long.", "Use a shorter PUBLIC_URL."],
  9712: ["permanent", "The notification address is not a valid https address.", "Correct PUBLIC_URL."],
  9713: ["permanent", "The metadata of our claim is too long.", REPORT],
  9714: ["permanent", "The request named too many users.", REPORT],
  9715: ["permanent", "The request named a user twice.", REPORT],
  9716: ["permanent", "An active registration has this id already.", "Synchronize the token, then retry."],
  9717: ["permanent", "Apple does not accept the user's e-mail address.", "Correct the user's e-mail address."],
  9718: ["permanent", "The request named no app.", REPORT],
  9719: ["permanent", "The request named neither users nor devices.", REPORT],
  9720: ["permanent", "The request named no users.", REPORT],
  9721: [
    "permanent",
    "Apple no longer knows the version of the list to compare with.",
    "Synchronize the token in full.",
  ],
  9722: ["token", "Apple cannot read the token.", RENEW],
  9723: ["permanent", "Our claim needs an id, a name and metadata.", REPORT],
  9724: ["permanent", "The id of our claim is too long.", REPORT],
  9725: ["permanent", "The name of our claim is too long.", REPORT],
  9726: ["permanent", "Apple does not support this method here.", "Update Allotment."],
  9727: ["permanent", "Apple does not support this content type here.", "Update Allotment."],
  9728: [
    "permanent",
    "Apple cannot reach the notification address.",
    "Make PUBLIC_URL reachable from the internet over https.",
  ],
  9729: ["retryable", "Apple's service is temporarily unavailable.", WAIT],
};

/** Numbers 9811 to 9818 speak of app subscriptions, which Allotment does not use. */
const SUBSCRIPTIONS = { first: 9811, last: 9818 };

/** What a number means and what to do; an unknown one is taken as final, since Apple adds numbers. */
export function describeErrorNumber(errorNumber: number): ErrorDescription {
  const known = TABLE[errorNumber];
  if (known) return { kind: known[0], detail: known[1], remedy: known[2] };
  if (errorNumber >= SUBSCRIPTIONS.first && errorNumber <= SUBSCRIPTIONS.last) {
    return { kind: "permanent", detail: `Apple refuses a subscription (number ${errorNumber}).`, remedy: REPORT };
  }
  return {
    kind: "permanent",
    detail: `Apple refuses the request with the unknown number ${errorNumber}.`,
    remedy: "Look the number up in Apple's documentation of the Apps and Books service.",
  };
}
