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

const RENEW = "Download a new token file at Apple and upload it: with `renewToken` for a token that is here.";
const RENEWED =
  "If a newer file was downloaded, this is the normal course until it is uploaded: do so with `renewToken`. Otherwise download a new one at Apple first.";
const WAIT = "Nothing is to be done: it is tried again by itself.";
const SYNCHRONISE = "Synchronise the token, then retry.";
const BUY = "Buy more licenses at Apple, or take some back.";
const REPORT = "Report this with the time it happened: Allotment should not have sent such a request.";

/**
 * Every number of Apple's tables for the v2 service, synchronous and in events, with 9622, which only production answers,
 * and those of the v1 service, whose machinery stands behind both. Each stands here once.
 * Source: Apple, "Handling error responses" and "Interpreting error codes (legacy)"; the kinds are ours.
 */
const TABLE: Readonly<Record<number, readonly [kind: AppleErrorKind, detail: string, remedy: string]>> = {
  9600: ["permanent", "Apple misses an argument of the request.", REPORT],
  9601: ["token", "Apple got no token with the request.", RENEW],
  9602: ["permanent", "Apple does not accept an argument of the request.", REPORT],
  9603: ["retryable", "Apple met an internal error.", WAIT],
  9604: ["permanent", "Apple does not find what the request names.", SYNCHRONISE],
  9605: [
    "permanent",
    "The app belongs to the store of another country.",
    "Buy the app in the country of the location.",
  ],
  9606: ["retryable", "Apple could not make a token of its own.", WAIT],
  9607: [
    "permanent",
    "Licenses of this app cannot be taken back.",
    "Leave the license where it is: Apple does not return books and some apps.",
  ],
  9608: ["retryable", "Apple's service got no answer from within.", WAIT],
  9609: ["permanent", "Apple knows no registered user of this id.", SYNCHRONISE],
  9610: ["permanent", "Apple has no license of this app for the holder.", BUY],
  9611: [
    "token",
    "Apple no longer knows the account that made the token.",
    "Download the token with an account that may manage apps and books, and upload it with `renewToken`.",
  ],
  9612: ["retryable", "Apple's work on giving a license failed.", WAIT],
  9613: ["retryable", "Apple's work on taking a license back failed.", WAIT],
  9614: ["permanent", "Apple does not accept a date of the request.", REPORT],
  9615: ["token", "Apple knows no country of the organization.", "Complete the organization's address at Apple."],
  9616: [
    "permanent",
    "The holder, or another registration of the same Apple Account, has a license of this app already.",
    "Synchronise the token; if the person is registered twice, retire the other registration.",
  ],
  9617: ["retryable", "Apple's service has moved; its addresses are read anew.", WAIT],
  9618: ["permanent", "The user is retired at Apple already.", SYNCHRONISE],
  9619: ["permanent", "The holder has no license of this app at Apple.", SYNCHRONISE],
  9620: ["permanent", "The user is deleted at Apple already.", SYNCHRONISE],
  9621: ["token", "The token has expired.", RENEW],
  9622: ["token", "Apple does not know the token.", RENEW],
  9623: ["permanent", "Apple does not accept the push token.", REPORT],
  9624: ["permanent", "The license was refunded.", BUY],
  9625: [
    "token",
    "Apple has revoked the token, as it does when a newer one is downloaded or its account's password changes.",
    RENEWED,
  ],
  9626: ["retryable", "Another holder got the license first.", WAIT],
  9627: ["retryable", "The license changes hands too often for Apple.", WAIT],
  9628: ["permanent", "Licenses of this item cannot be given to devices.", "Deploy it with user licensing."],
  9629: ["permanent", "The request belongs to another token.", REPORT],
  9630: ["retryable", "Apple was asked too often for a license that the holder has.", WAIT],
  9631: ["retryable", "Apple was asked too often for a license that there is not.", WAIT],
  9632: ["retryable", "Apple got the same request too often.", WAIT],
  9633: ["permanent", "Apple has lost its place in a list.", "Synchronise the token again."],
  9634: ["permanent", "Apple no longer offers this service.", "Update Allotment."],
  9635: [
    "permanent",
    "The Managed Apple Account cannot be linked to this user.",
    "Check that the account exists in the organization that owns the token.",
  ],
  9636: ["permanent", "Apple finds no registered user.", SYNCHRONISE],
  9637: [
    "token",
    "The account that made the token may not do this.",
    "Download the token with an account that may manage apps and books, and upload it with `renewToken`.",
  ],
  9638: ["token", "Apple does not accept the purchasers' group of the token.", RENEW],
  9639: ["token", "Apple does not accept the purchasers' group of the token.", RENEW],
  9640: ["token", "Apple does not accept the purchasers' group of the token.", RENEW],
  9641: [
    "permanent",
    "The Managed Apple Account is linked to another user of this location already.",
    "Retire the other registration, or correct the user's Managed Apple Account.",
  ],
  9642: [
    "permanent",
    "The Managed Apple Account has not accepted the terms of Apple's store.",
    "Have the person sign in to the store once and accept them, then retry.",
  ],
  9643: ["retryable", "A transfer between locations holds the license.", WAIT],
  9644: ["retryable", "Apple's service is closed for maintenance.", WAIT],
  9646: ["retryable", "Apple was asked too often for this organization.", WAIT],
  9647: ["token", "Apple does not serve tokens of the old kind here.", RENEW],
  9650: ["permanent", "The list at Apple has fewer pages by now.", "Synchronise the token again."],
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
  9709: ["permanent", "Apple has not enough licenses of this app.", BUY],
  9710: ["permanent", "A notification address needs its secret and the other way round.", REPORT],
  9711: ["permanent", "The notification address or its secret is too long.", "Use a shorter PUBLIC_URL."],
  9712: ["permanent", "The notification address is not a valid https address.", "Correct PUBLIC_URL."],
  9713: ["permanent", "The metadata of our claim is too long.", REPORT],
  9714: ["permanent", "The request named too many users.", REPORT],
  9715: ["permanent", "The request named a user twice.", REPORT],
  9716: ["permanent", "An active registration has this id already.", SYNCHRONISE],
  9717: ["permanent", "Apple does not accept the user's e-mail address.", "Correct the user's e-mail address."],
  9718: ["permanent", "The request named no app.", REPORT],
  9719: ["permanent", "The request named neither users nor devices.", REPORT],
  9720: ["permanent", "The request named no users.", REPORT],
  9721: [
    "permanent",
    "Apple no longer knows the version of the list to compare with.",
    "Synchronise the token in full.",
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

/** Apple fails within: unlike a refusal, that does not say that nothing was started. */
const FAILED_WITHIN: ReadonlySet<number> = new Set([9603, 9608, 9612, 9613]);

/** What a number means and what to do; null for one that Apple has added since. */
export function knownErrorNumber(errorNumber: number): ErrorDescription | null {
  const known = TABLE[errorNumber];
  if (known) return { kind: known[0], detail: known[1], remedy: known[2] };
  if (errorNumber < SUBSCRIPTIONS.first || errorNumber > SUBSCRIPTIONS.last) return null;
  return { kind: "permanent", detail: `Apple refuses a subscription (number ${errorNumber}).`, remedy: REPORT };
}

/** What a number means and what to do; an unknown one is taken as final. */
export function describeErrorNumber(errorNumber: number): ErrorDescription {
  return (
    knownErrorNumber(errorNumber) ?? {
      kind: "permanent",
      detail: `Apple refuses the request with the unknown number ${errorNumber}.`,
      remedy: "Look the number up in Apple's documentation of the Apps and Books service.",
    }
  );
}

/** Whether a write that was answered with this number may have taken effect nevertheless. */
export function mayBeDone(errorNumber: number): boolean {
  return FAILED_WITHIN.has(errorNumber);
}
