/** The closed list of codes a caller can meet in `extensions.code`; what each means and whether to retry. */
export const ERROR_CODES = {
  NOT_FOUND: { retryable: false },
  INVALID_INPUT: { retryable: false },
  UNAUTHENTICATED: { retryable: false },
  FORBIDDEN: { retryable: false },
  CONFLICT: { retryable: false },
  PRECONDITION_FAILED: { retryable: false },
  NO_LICENSE_AVAILABLE: { retryable: false },
  TOKEN_LIMIT_REACHED: { retryable: false },
  TOKEN_INVALID: { retryable: false },
  TOKEN_EXPIRED: { retryable: false },
  TOKEN_REVOKED: { retryable: false },
  TOKEN_CLAIMED_ELSEWHERE: { retryable: false },
  TOKEN_READ_ONLY: { retryable: false },
  TOKEN_SUSPENDED: { retryable: false },
  APPLE_REJECTED: { retryable: false },
  TARGET_REJECTED: { retryable: false },
  APPLE_UNAVAILABLE: { retryable: true },
  TARGET_UNAVAILABLE: { retryable: true },
  LIMIT_EXCEEDED: { retryable: false },
  INTERNAL: { retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

type Detail = string | number | boolean | null;

/** What a client may act on besides the code; never a secret. */
export type ErrorDetails = Readonly<
  Record<string, Detail | readonly string[] | readonly Readonly<Record<string, Detail>>[]>
>;

/**
 * The one error that reaches a caller unmasked. `message` is a sentence that says what to do; clients decide by `code`,
 * `retryable` and `details` alone. Retryable codes carry `details.retryAt` (ISO 8601, UTC).
 */
export class AppError extends Error {
  override readonly name = "AppError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
