import { appleDate } from "./apple-date.js";
import type { ContentToken } from "./content-token.js";
import { errorBody, errorStatus, type ServiceError } from "./errors.js";
import { ListBody } from "./list-body.js";
import type { Location } from "./location.js";
import type { Switches } from "./switches.js";

const EXPIRY_NOTICE_MS = 15 * 86_400_000;

export interface Answer {
  status: number;
  /** What is sent, to the letter. */
  text: string;
  headers?: Record<string, string>;
}

export function jsonAnswer(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return { status, text: JSON.stringify(body), headers };
}

/** A 200 with the fields that every authenticated answer carries. */
export function acceptedAnswer(location: Location, token: ContentToken, switches: Switches, body: object): Answer {
  const near = token.expiresAt.getTime() - Date.now() <= EXPIRY_NOTICE_MS;
  const showsExpiry = switches.tokenExpirationDate === "always" || near;
  const common = {
    uId: location.identity.uId,
    ...(showsExpiry ? { tokenExpirationDate: appleDate(token.expiresAt) } : {}),
    ...(location.mdmInfo === undefined ? {} : { mdmInfo: location.mdmInfo }),
  };
  return body instanceof ListBody
    ? { status: 200, text: body.toText(common) }
    : jsonAnswer(200, { ...body, ...common });
}

/** An error as documented, or as seen in production with HTTP 200 and the number in the body. */
export function refusedAnswer(error: ServiceError, { errorTransport }: Switches): Answer {
  const status = errorTransport === "status" ? errorStatus(error.errorNumber) : 200;
  return jsonAnswer(status, errorBody(error.errorNumber, error.errorInfo));
}
