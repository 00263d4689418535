import { PluginError, type PluginErrorKind } from "../contract.js";
import { errorShape, innerMessageShape } from "./wire.js";

/** An answer of Graph, alone or as a part of a batch: its status, its JSON, and when it wants to be asked again. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** What Graph says of a refusal. */
export interface Refusal {
  readonly code: string | null;
  readonly message: string;
  readonly requestId: string | null;
  readonly retryAfterMs: number | undefined;
}

const LONGEST_MESSAGE = 400;

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

const PASSING: ReadonlySet<number> = new Set([408, 409, 423, 429]);

/** Worth another try: throttled, changed by another at the same moment, or a fault of the service. */
export const isPassing = ({ status }: Answer): boolean => PASSING.has(status) || status >= 500;

/** Reads an error: Intune puts its text, and sometimes when to come back, as JSON into the message. */
export function readRefusal({ body, retryAfterMs }: Answer): Refusal {
  const read = errorShape.safeParse(body);
  if (!read.success) return { code: null, message: "", requestId: null, retryAfterMs };
  const { code, message, innerError } = read.data.error;
  const inner = innerMessage(message);
  const seconds = Number(inner?.RetryAfter ?? Number.NaN);
  return {
    code,
    message: (inner?.Message ?? message ?? "").slice(0, LONGEST_MESSAGE),
    requestId: innerError?.["request-id"] ?? null,
    retryAfterMs: retryAfterMs ?? (seconds > 0 ? seconds * 1000 : undefined),
  };
}

function innerMessage(
  message: string | null,
): { Message: string | null; RetryAfter?: number | string | null | undefined } | null {
  if (!message?.trimStart().startsWith("{")) return null;
  try {
    return innerMessageShape.parse(JSON.parse(message));
  } catch {
    return null;
  }
}

/**
 * A refusal as the error that the core knows. @param what was asked, as in "read the groups".
 * @param hide takes out what must not be told.
 */
export function failureOf(answer: Answer, what: string, hide: (text: string) => string): PluginError {
  const { code, message, requestId, retryAfterMs } = readRefusal(answer);
  const words = [message && `: ${hide(message)}`, requestId && ` (request ${hide(requestId)})`]
    .filter(Boolean)
    .join("");
  return new PluginError(kindOf(answer), `${sentence(answer, what)}${words || "."}`, {
    ...(code === null ? {} : { vendorCode: hide(code) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function kindOf(answer: Answer): PluginErrorKind {
  if (isPassing(answer)) return "transient";
  return answer.status === 401 || answer.status === 403 ? "config" : "rejected";
}

function sentence({ status }: Answer, what: string): string {
  if (status === 429) return `Microsoft Graph is throttling and would not ${what}`;
  if (status === 401)
    return `Microsoft Graph does not accept the sign-in and would not ${what}; check the app registration`;
  if (status === 403) {
    return `The app registration may not ${what}: grant the missing permission with admin consent, and see that the tenant has an Intune license`;
  }
  if (status >= 500) return `Microsoft Graph failed with ${status} and did not ${what}`;
  return `Microsoft Graph refused with ${status} to ${what}`;
}

/** Milliseconds until the time that `Retry-After` names, in seconds or as a date. */
export function readRetryAfter(header: string | null | undefined, now: Date): number | undefined {
  if (!header) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
