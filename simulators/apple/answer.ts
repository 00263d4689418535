import { appleDate } from "./apple-date.js";
import type { ContentToken } from "./content-token.js";
import { errorBody, errorStatus, type ServiceError } from "./errors.js";
import { ListBody } from "./list-body.js";
import type { Location, MdmInfo } from "./location.js";
import { retryAfterHeaders } from "./retry-after.js";
import type { Switches } from "./switches.js";

const CLIENT_CONFIG_PATH = "/client/config";
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

/**
 * A 200 with the fields that every authenticated answer carries.
 * @param path under the v2 root, since the switch `mdmInfo` tells client/config from the others.
 */
export function acceptedAnswer(
  location: Location,
  token: ContentToken,
  switches: Switches,
  path: string,
  body: object,
): Answer {
  const near = token.expiresAt.getTime() - Date.now() <= EXPIRY_NOTICE_MS;
  const showsExpiry = switches.tokenExpirationDate === "always" || near;
  const common = {
    uId: location.identity.uId,
    ...(showsExpiry ? { tokenExpirationDate: appleDate(token.expiresAt) } : {}),
    ...shownMdmInfo(location, switches, path),
  };
  return body instanceof ListBody
    ? { status: 200, text: body.toText(common) }
    : jsonAnswer(200, { ...body, ...common });
}

function shownMdmInfo({ mdmInfo }: Location, switches: Switches, path: string): { mdmInfo?: MdmInfo | null } {
  if (switches.mdmInfo === "clientConfig" && path !== CLIENT_CONFIG_PATH) return {};
  if (mdmInfo !== undefined) return { mdmInfo };
  return switches.mdmInfoUnset === "null" ? { mdmInfo: null } : {};
}

/** An error as documented, or as seen in production with HTTP 200 and the number in the body. */
export function refusedAnswer(
  { errorNumber, errorInfo, retryAfterSeconds }: ServiceError,
  { errorTransport, retryAfter }: Switches,
): Answer {
  const status = errorTransport === "status" ? errorStatus(errorNumber) : 200;
  return jsonAnswer(status, errorBody(errorNumber, errorInfo), retryAfterHeaders(retryAfterSeconds, retryAfter));
}
