import { appleDate } from "./apple-date.js";
import type { ContentToken } from "./content-token.js";
import { errorBody, errorStatus, type ServiceError } from "./errors.js";
import type { Location } from "./location.js";
import type { Switches } from "./switches.js";

const EXPIRY_NOTICE_MS = 15 * 86_400_000;

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A 200 with the fields that every authenticated answer carries. */
export function acceptedAnswer(location: Location, token: ContentToken, switches: Switches, body: object): Answer {
  const near = token.expiresAt.getTime() - Date.now() <= EXPIRY_NOTICE_MS;
  const showsExpiry = switches.tokenExpirationDate === "always" || near;
  return {
    status: 200,
    body: {
      ...body,
      uId: location.identity.uId,
      ...(showsExpiry ? { tokenExpirationDate: appleDate(token.expiresAt) } : {}),
      ...(location.mdmInfo === undefined ? {} : { mdmInfo: location.mdmInfo }),
    },
  };
}

/** An error as documented, or as seen in production with HTTP 200 and the number in the body. */
export function refusedAnswer(error: ServiceError, { errorTransport }: Switches): Answer {
  const status = errorTransport === "status" ? errorStatus(error.errorNumber) : 200;
  return { status, body: errorBody(error.errorNumber, error.errorInfo) };
}
