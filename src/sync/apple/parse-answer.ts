import type { z } from "zod";
import { AppleError } from "./apple-error.js";
import { type AppleErrorKind, describeErrorNumber, knownErrorNumber, mayBeDone } from "./error-numbers.js";
import type { HttpAnswer } from "./request.js";
import { retryAfterMs } from "./retry-after.js";

const SHOWN_FAULTS = 3;

/** What an answer belongs to. */
export interface AnsweredRequest {
  readonly method: "GET" | "POST";
  /** For messages, e.g. `assets`. */
  readonly name: string;
}

/**
 * The JSON object of an answer. The body is read before the status: an `errorNumber` inside a 200 is an error.
 * @throws AppleError of Apple's number, or of the HTTP status where there is none.
 */
export function parseAnswer(answer: HttpAnswer, request: AnsweredRequest, now: Date): Record<string, unknown> {
  const body = jsonObject(answer.text);
  const errorNumber = wholeNumber(body?.errorNumber);
  const wait = retryAfterMs(answer.retryAfter, now);
  const facts = { httpStatus: answer.status, ...(wait === null ? {} : { retryAfterMs: wait }) };
  if (errorNumber !== null) throw numberError(errorNumber, answer.status, request, facts);
  if (body && isSuccess(answer.status)) return body;
  throw statusError(answer.status, request, facts);
}

/** @throws AppleError that names the fields that are missing or absurd. */
export function readAs<Shape extends z.ZodType>(
  shape: Shape,
  body: unknown,
  request: AnsweredRequest,
): z.output<Shape> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, SHOWN_FAULTS).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new AppleError(`Apple's answer about ${request.name} cannot be used: ${faults.join("; ")}.`, {
    httpStatus: 200,
    kind: "permanent",
    maybeDone: request.method === "POST",
  });
}

interface AnswerFacts {
  readonly httpStatus: number;
  readonly retryAfterMs?: number;
}

/** A synchronous refusal starts nothing. A number we do not know counts as its status does, where that is an error's. */
function numberError(errorNumber: number, status: number, request: AnsweredRequest, facts: AnswerFacts): AppleError {
  const { detail } = describeErrorNumber(errorNumber);
  const known = knownErrorNumber(errorNumber);
  const failed = known ? mayBeDone(errorNumber) : mayBeDoneByStatus(status);
  return new AppleError(`${detail} (Apple's error ${errorNumber})`, {
    ...facts,
    errorNumber,
    kind: known?.kind ?? kindOfStatus(status),
    maybeDone: request.method === "POST" && failed,
  });
}

function statusError(status: number, request: AnsweredRequest, facts: AnswerFacts): AppleError {
  const post = request.method === "POST";
  if (isSuccess(status)) {
    return new AppleError(`The answer about ${request.name} is not Apple's: it is no JSON object.`, {
      ...facts,
      kind: "retryable",
      maybeDone: post,
    });
  }
  const message = `Apple answered about ${request.name} with HTTP status ${status} and no error number.`;
  const later = kindOfStatus(status) === "permanent" && facts.retryAfterMs !== undefined;
  const kind = later ? "retryable" : kindOfStatus(status);
  return new AppleError(message, { ...facts, kind, maybeDone: post && mayBeDoneByStatus(status) });
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function kindOfStatus(status: number): AppleErrorKind {
  if (status === 401) return "token";
  return status >= 500 || status === 429 || status === 408 ? "retryable" : "permanent";
}

function mayBeDoneByStatus(status: number): boolean {
  return status >= 500 || status === 408;
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number !== 0 ? number : null;
}
