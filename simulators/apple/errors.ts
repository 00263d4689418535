/** What an error is about; any of the three may be there. */
export interface ErrorInfo {
  assets?: { adamId: string; pricingParam: string }[];
  clientUserIds?: string[];
  serialNumbers?: string[];
}

export interface ErrorBody {
  errorNumber: number;
  errorMessage: string;
  errorInfo?: ErrorInfo;
}

/** Apple's error numbers, the documented HTTP status of each (500 for those that only appear in events), our own words. */
const errorTable: ReadonlyMap<number, readonly [status: number, message: string]> = new Map([
  [9601, [401, "The request carries no content token."]],
  [9602, [400, "An argument is not valid."]],
  [9603, [500, "The service failed internally; send the same request again."]],
  [9609, [400, "No registered user has this clientUserId."]],
  [9616, [500, "The holder has a license of this asset already."]],
  [9619, [500, "The holder has no license of this asset."]],
  [9621, [401, "The content token has expired."]],
  [9622, [401, "The content token is not valid."]],
  [9623, [400, "The push token is not valid."]],
  [9625, [401, "The content token was revoked."]],
  [9634, [410, "This service no longer exists."]],
  [9635, [500, "The Apple Account cannot be linked to this user."]],
  [9637, [403, "This account may not do that."]],
  [9641, [500, "The Apple Account is linked to another user already."]],
  [9644, [503, "The service is closed for maintenance."]],
  [9646, [429, "The organization sends too many requests; slow down."]],
  [9647, [403, "Legacy tokens cannot be used here."]],
  [9650, [400, "The page index is outside the list."]],
  [9700, [400, "Too many assets in one request."]],
  [9701, [400, "Too many clientUserIds in one request."]],
  [9702, [400, "Too many serialNumbers in one request."]],
  [9703, [400, "An asset appears twice."]],
  [9704, [400, "A clientUserId appears twice."]],
  [9705, [400, "A serialNumber appears twice."]],
  [9706, [400, "An asset of the request cannot be revoked."]],
  [9707, [400, "An asset of the request cannot be assigned to devices."]],
  [9708, [400, "No event has this eventId."]],
  [9709, [400, "Not enough licenses are available."]],
  [9710, [400, "notificationUrl and notificationAuthToken belong together."]],
  [9711, [400, "notificationUrl or notificationAuthToken is too long."]],
  [9712, [400, "notificationUrl is not a valid https address."]],
  [9713, [400, "The metadata of mdmInfo is too long."]],
  [9714, [400, "Too many users in one request."]],
  [9715, [400, "A user appears twice."]],
  [9716, [400, "An active user has this clientUserId already."]],
  [9717, [400, "An e-mail address is not valid."]],
  [9718, [400, "The request names no assets."]],
  [9719, [400, "The request names neither clientUserIds nor serialNumbers."]],
  [9720, [400, "The request names no users."]],
  [9721, [400, "The version id is not valid."]],
  [9722, [401, "The Authorization header is malformed."]],
  [9723, [400, "mdmInfo needs id, name and metadata."]],
  [9724, [400, "The id of mdmInfo is too long."]],
  [9725, [400, "The name of mdmInfo is too long."]],
  [9726, [405, "This method is not supported here."]],
  [9727, [415, "The content type must be application/json."]],
  [9728, [400, "notificationUrl did not accept the test notification."]],
  [9729, [503, "The service is temporarily unavailable."]],
]);

/** A request that the service refuses; nothing was started. */
export class ServiceError extends Error {
  constructor(
    readonly errorNumber: number,
    readonly errorInfo?: ErrorInfo,
    /** For the header Retry-After. */
    readonly retryAfterSeconds?: number,
  ) {
    super(errorBody(errorNumber).errorMessage);
  }
}

export function isErrorNumber(errorNumber: number): boolean {
  return errorTable.has(errorNumber);
}

/** The body Apple sends for the number, in an answer or as one failure of an event. */
export function errorBody(errorNumber: number, errorInfo?: ErrorInfo): ErrorBody {
  const errorMessage = errorTable.get(errorNumber)?.[1] ?? "The service refused the request.";
  return errorInfo === undefined ? { errorNumber, errorMessage } : { errorNumber, errorMessage, errorInfo };
}

/** The documented HTTP status of the number. */
export function errorStatus(errorNumber: number): number {
  return errorTable.get(errorNumber)?.[0] ?? 500;
}

/** The list that service/config shows. */
export function allErrorBodies(): ErrorBody[] {
  return [...errorTable.keys()].map((errorNumber) => errorBody(errorNumber));
}
