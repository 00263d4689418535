import { Lexer, Source, TokenKind } from "graphql";
import { overLimit } from "./over-limit.js";

/**
 * Refuses a document of too many words before it is parsed.
 * @throws AppError LIMIT_EXCEEDED.
 */
export function refuseLongDocument(text: string, limit: number): void {
  // Each has one character or more.
  if (text.length <= limit) return;
  const lexer = new Lexer(new Source(text));
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF && count <= limit) count++;
  } catch {
    // What is no GraphQL is told by the parser.
    return;
  }
  if (count > limit) {
    const advice = "This document is too long. Send fewer operations at once, and only those that are to be executed.";
    throw overLimit("documentTokens", limit, null, advice);
  }
}
