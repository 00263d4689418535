import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "../../errors.js";
import { parseAppleDate } from "../apple/apple-date.js";

/** What a token file says, and the text that is sent to Apple. */
export interface TokenFile {
  /** The outer base64 text: a secret. */
  readonly text: string;
  /** See {@link fingerprintOf}. */
  readonly fingerprint: string;
  readonly organization: string;
  readonly expiresAt: Date;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** A byte order mark, and the line breaks that editors and mail put into long lines. */
const NOT_CONTENT = /^\uFEFF|\s+/g;
const MAX_LENGTH = 64 * 1024;

const content = z.object({ token: z.string().min(1), expDate: z.string().min(1), orgName: z.string() });

const DOWNLOAD = "Download the content token again at Apple and upload the file as it is.";

/**
 * Reads a token file. White space is dropped, since it cannot be part of a header.
 * @throws AppError INVALID_INPUT, with what is wrong in `details.problem`; TOKEN_EXPIRED by its own date.
 */
export function parseTokenFile(file: string, now: Date): TokenFile {
  const text = file.replace(NOT_CONTENT, "");
  if (text === "") throw invalid("EMPTY", "The token file is empty.");
  if (text.length > MAX_LENGTH) throw invalid("TOO_LONG", "The token file is longer than any content token.");
  if (!BASE64.test(text) || text.length % 4 !== 0) throw invalid("NOT_BASE64", "The token file is not base64 text.");
  const fields = content.safeParse(json(Buffer.from(text, "base64").toString("utf8")));
  if (!fields.success) {
    const missing = fields.error.issues.map((issue) => String(issue.path[0])).join(", ");
    throw invalid("FIELDS_MISSING", `The token file lacks a usable ${missing}.`);
  }
  const expiresAt = parseAppleDate(fields.data.expDate);
  if (!expiresAt) throw invalid("BAD_DATE", "The expiry date in the token file is no date as Apple writes it.");
  if (expiresAt <= now) throw expired(expiresAt);
  return { text, fingerprint: fingerprintOf(text), organization: fields.data.orgName, expiresAt };
}

/** Names a token file without telling anything of it: SHA-256 of its text, in hexadecimal. */
export function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function expired(at: Date): AppError {
  return new AppError(
    "TOKEN_EXPIRED",
    `The token expired on ${at.toISOString().slice(0, 10)}. Download a new content token at Apple and upload that file.`,
    { expiredAt: at.toISOString() },
  );
}

function json(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, in the same words as for JSON of another kind.
  }
  throw invalid("NOT_JSON", "The token file does not hold a JSON object.");
}

function invalid(problem: string, sentence: string): AppError {
  return new AppError("INVALID_INPUT", `${sentence} ${DOWNLOAD}`, { field: "file", problem });
}
